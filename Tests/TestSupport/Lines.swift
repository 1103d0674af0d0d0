import Synchronization

/// Lines of text as they come, and whoever waits for one.
package final class Lines: Sendable {
    private struct State {
        var lines: [String] = []
        var isAtEnd = false
        var waiters: [(matches: @Sendable (String) -> Bool, continuation: CheckedContinuation<String?, Never>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var all: [String] { state.withLock { $0.lines } }

    package func append(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            state.waiters.removeAll { waiter in
                guard waiter.matches(line) else { return false }
                waiter.continuation.resume(returning: line)
                return true
            }
        }
    }

    /// No line comes after this.
    package func end() {
        state.withLock { state in
            state.isAtEnd = true
            for waiter in state.waiters { waiter.continuation.resume(returning: nil) }
            state.waiters = []
        }
    }

    /// The first line that matches, past or future; nil once there can be none.
    package func first(where matches: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let line = state.lines.first(where: matches) {
                    continuation.resume(returning: line)
                } else if state.isAtEnd {
                    continuation.resume(returning: nil)
                } else {
                    state.waiters.append((matches, continuation))
                }
            }
        }
    }
}
