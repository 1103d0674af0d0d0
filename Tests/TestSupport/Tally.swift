import Dispatch
import Synchronization

/// Counts events that tests wait for.
package final class Tally: Sendable {
    private typealias Waiter = (count: Int, continuation: CheckedContinuation<Bool, Never>)

    private struct State {
        var count = 0
        var waiters: [Int: Waiter] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func add() {
        let reached = state.withLock { state in
            state.count += 1
            let reached = state.waiters.filter { $0.value.count <= state.count }
            for number in reached.keys { state.waiters[number] = nil }
            return reached.values.map { $0.continuation }
        }
        for continuation in reached { continuation.resume(returning: true) }
    }

    /// How many events there have been.
    package var count: Int { state.withLock { $0.count } }

    /// Waits until there have been `count` events.
    ///
    /// - Throws: `WaitLimit.Exceeded`.
    package func reaches(_ count: Int) async throws {
        let isReached = await withCheckedContinuation { continuation in
            let number: Int? = state.withLock { state in
                guard state.count < count else { return nil }
                state.lastWaiter += 1
                state.waiters[state.lastWaiter] = (count, continuation)
                return state.lastWaiter
            }
            guard let number else { return continuation.resume(returning: true) }
            DispatchQueue.global().asyncAfter(deadline: WaitLimit.deadline) { [self] in
                state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: false)
            }
        }
        if !isReached { throw WaitLimit.Exceeded("event number \(count)") }
    }
}
