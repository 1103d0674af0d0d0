import Dispatch
import Synchronization

/// Lines of text as they arrive, for tests that wait for one.
package final class Lines: Sendable {
    private enum Outcome {
        case line(String)
        case ended
        case timedOut
    }

    private typealias Waiter = (
        matches: @Sendable (String) -> Bool, continuation: CheckedContinuation<Outcome, Never>
    )

    private struct State {
        var lines: [String] = []
        var hasEnded = false
        var waiters: [Int: Waiter] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The lines that have arrived.
    package var all: [String] { state.withLock { $0.lines } }

    package func append(_ line: String) {
        let waiters = state.withLock { state in
            state.lines.append(line)
            let matching = state.waiters.filter { $0.value.matches(line) }
            for number in matching.keys { state.waiters[number] = nil }
            return matching.values.map { $0.continuation }
        }
        for continuation in waiters { continuation.resume(returning: .line(line)) }
    }

    /// Call this after the last line.
    package func end() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.hasEnded = true
            return state.waiters.values.map { $0.continuation }
        }
        for continuation in waiters { continuation.resume(returning: .ended) }
    }

    /// Waits for a line that matches, or returns the first of those that have arrived.
    ///
    /// - Returns: the line; nil if the lines have ended without one that matches.
    /// - Throws: `WaitLimit.Exceeded`.
    package func first(where matches: @escaping @Sendable (String) -> Bool) async throws -> String? {
        let outcome = await withCheckedContinuation { continuation in
            let (known, number) = state.withLock { state -> (Outcome?, Int) in
                if let line = state.lines.first(where: matches) { return (.line(line), 0) }
                if state.hasEnded { return (.ended, 0) }
                state.lastWaiter += 1
                state.waiters[state.lastWaiter] = (matches, continuation)
                return (nil, state.lastWaiter)
            }
            if let known { return continuation.resume(returning: known) }
            DispatchQueue.global().asyncAfter(deadline: WaitLimit.deadline) { [self] in
                state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: .timedOut)
            }
        }
        switch outcome {
        case .line(let line): return line
        case .ended: return nil
        case .timedOut: throw WaitLimit.Exceeded("a line after:\n" + all.joined(separator: "\n"))
        }
    }
}
