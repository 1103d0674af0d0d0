import Dispatch
import Glibc
import Synchronization

/// Waits for the signals that an operator sends: SIGTERM or SIGINT to stop, SIGHUP to read the configuration again. A
/// second SIGTERM or SIGINT ends the process at once.
final class ServiceSignals {
    enum Request: Equatable {
        /// Finish the jobs and end, because of the signal with this number.
        case stop(signal: Int32)
        /// Read the configuration again.
        case reload
    }

    private let sources: [any DispatchSourceSignal]
    private let received: Received

    private final class Received: Sendable {
        private struct State {
            var isReloadWaiting = false
            var stop: Int32?
        }

        private let state = Mutex(State())
        private let arrival = DispatchSemaphore(value: 0)

        func receive(_ number: Int32) {
            let isSecondStop = state.withLock { state in
                if number == SIGHUP {
                    state.isReloadWaiting = true
                    return false
                }
                defer { state.stop = state.stop ?? number }
                return state.stop != nil
            }
            guard !isSecondStop else { _exit(128 + number) }
            arrival.signal()
        }

        func next() -> Request {
            while true {
                arrival.wait()
                let request = state.withLock { state -> Request? in
                    if let number = state.stop { return .stop(signal: number) }
                    defer { state.isReloadWaiting = false }
                    return state.isReloadWaiting ? .reload : nil
                }
                if let request { return request }
            }
        }
    }

    /// Takes over the signals: they do not end the process any more.
    init() {
        let received = Received()
        let queue = DispatchQueue(label: "signals")
        sources = [SIGTERM, SIGINT, SIGHUP].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { received.receive(number) }
            source.activate()
            return source
        }
        self.received = received
    }

    /// Waits for the next request. Several SIGHUPs that arrive before one of them is handled count as one.
    func next() -> Request {
        received.next()
    }
}
