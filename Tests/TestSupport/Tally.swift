import Synchronization

/// Counts events that tests wait for.
package final class Tally: Sendable {
    private struct State {
        var count = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func add() {
        state.withLock { state in
            state.count += 1
            state.waiters.removeAll { waiter in
                guard waiter.count <= state.count else { return false }
                waiter.continuation.resume()
                return true
            }
        }
    }

    /// Waits until there have been `count` events.
    package func reaches(_ count: Int) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if state.count >= count {
                    continuation.resume()
                } else {
                    state.waiters.append((count, continuation))
                }
            }
        }
    }
}
