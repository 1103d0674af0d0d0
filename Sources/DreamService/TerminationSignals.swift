import Dispatch
import Glibc
import Synchronization

/// Waits for SIGTERM or SIGINT. A second such signal ends the process at once.
final class TerminationSignals {
    private let sources: [any DispatchSourceSignal]
    private let received: Received

    private final class Received: Sendable {
        let first = Mutex<Int32?>(nil)
        let arrival = DispatchSemaphore(value: 0)

        func receive(_ number: Int32) {
            let isFirst = first.withLock { first in
                defer { first = first ?? number }
                return first == nil
            }
            guard isFirst else { _exit(128 + number) }
            arrival.signal()
        }
    }

    /// Takes over both signals: the first one does not end the process any more.
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
    /// - Returns: the signal's number.
    func wait() -> Int32 {
        received.arrival.wait()
        return received.first.withLock { $0 } ?? SIGTERM
    }
}
