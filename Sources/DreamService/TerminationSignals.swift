import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT: the first is waited for, a second one ends the process at once.
final class TerminationSignals {
    private let sources: [any DispatchSourceSignal]
    private let received: Received

    private final class Received: Sendable {
        let first = Mutex<Int32?>(nil)
        let isThere = DispatchSemaphore(value: 0)

        func receive(_ number: Int32) {
            let isFirst = first.withLock { first in
                defer { first = first ?? number }
                return first == nil
            }
            guard isFirst else { _exit(128 + number) }
            isThere.signal()
        }
    }

    /// From now on neither signal ends the process by itself.
    init() {
        let received = Received()
        let queue = DispatchQueue(label: "termination-signals")
        sources = [SIGTERM, SIGINT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { received.receive(number) }
            source.activate()
            return source
        }
        self.received = received
    }

    /// Waits for the first signal.
    ///
    /// - Returns: its number.
    func wait() -> Int32 {
        received.isThere.wait()
        return received.first.withLock { $0 } ?? SIGTERM
    }
}
