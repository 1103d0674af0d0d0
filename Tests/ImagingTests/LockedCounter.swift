import Synchronization

/// Counts, on any thread.
final class LockedCounter: Sendable {
    private let count = Mutex(0)

    /// The next number, from 1 on.
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }

    var value: Int { count.withLock { $0 } }
}
