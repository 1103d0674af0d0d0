import Dispatch
import Synchronization
import Testing

/// Counts events that tests wait for.
package final class Tally: Sendable {
    private struct Waiter {
        let id: Int
        let count: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var count = 0
        var lastID = 0
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func add() {
        state.withLock { state in
            state.count += 1
            state.waiters.removeAll { waiter in
                guard waiter.count <= state.count else { return false }
                waiter.continuation.resume(returning: true)
                return true
            }
        }
    }

    /// Waits until there have been `count` events. After `seconds` it records an issue and returns.
    package func reaches(
        _ count: Int, within seconds: Int = 120, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let isReached = await withCheckedContinuation { continuation in
            let id: Int? = state.withLock { state in
                guard state.count < count else {
                    continuation.resume(returning: true)
                    return nil
                }
                state.lastID += 1
                state.waiters.append(Waiter(id: state.lastID, count: count, continuation: continuation))
                return state.lastID
            }
            guard let id else { return }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { self.giveUp(id) }
        }
        if !isReached {
            let found = state.withLock { $0.count }
            Issue.record("\(found) of \(count) events in \(seconds) seconds", sourceLocation: sourceLocation)
        }
    }

    private func giveUp(_ id: Int) {
        state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return }
            state.waiters.remove(at: index).continuation.resume(returning: false)
        }
    }
}
