import Dispatch
import Synchronization
import TestSupport

/// Lets threads continue in groups: each waits until `size` threads have arrived.
final class Meeting: Sendable {
    private let size: Int
    private let arrivals = Mutex(0)
    private let release = DispatchSemaphore(value: 0)

    init(of size: Int) {
        self.size = size
    }

    /// - Throws: `WaitLimit.Exceeded`.
    func attend() throws {
        let isComplete = arrivals.withLock { arrivals in
            arrivals += 1
            return arrivals.isMultiple(of: size)
        }
        if isComplete {
            for _ in 1..<size { release.signal() }
        } else if release.wait(timeout: WaitLimit.deadline) == .timedOut {
            throw WaitLimit.Exceeded("\(size) threads at a meeting")
        }
    }
}
