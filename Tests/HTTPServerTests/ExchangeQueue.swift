import Dispatch
import HTTPServer
import Synchronization
import TestSupport

/// Passes exchanges from the server's thread to the test's.
final class ExchangeQueue: Sendable {
    private let exchanges = Mutex<[any Exchange]>([])
    private let isFilled = DispatchSemaphore(value: 0)

    func put(_ exchange: any Exchange) {
        exchanges.withLock { $0.append(exchange) }
        isFilled.signal()
    }

    /// Waits for the next exchange; nil after `WaitLimit`.
    func take() -> (any Exchange)? {
        guard isFilled.wait(timeout: WaitLimit.deadline) == .success else { return nil }
        return exchanges.withLock { $0.removeFirst() }
    }
}
