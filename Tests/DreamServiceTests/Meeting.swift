import Dispatch
import Synchronization

/// Lets threads go on only together: whoever comes to it waits until there are `size`.
final class Meeting: Sendable {
    private let size: Int
    private let arrivals = Mutex(0)
    private let release = DispatchSemaphore(value: 0)

    init(of size: Int) {
        self.size = size
    }

    func attend() {
        let isComplete = arrivals.withLock { arrivals in
            arrivals += 1
            return arrivals.isMultiple(of: size)
        }
        if isComplete {
            for _ in 1..<size { release.signal() }
        } else {
            release.wait()
        }
    }
}
