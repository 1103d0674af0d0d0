import Foundation
import FoundationNetworking
import Synchronization

/// A request to a client's address.
package struct CallbackRequest: Sendable {
    let address: URL
    let headers: [String: String]
    let body: [UInt8]

    package init(address: URL, headers: [String: String], body: [UInt8]) {
        self.address = address
        self.headers = headers
        self.body = body
    }
}

/// Why a callback has not arrived.
package enum CallbackFailure: Error, CustomStringConvertible {
    case refused(status: Int)
    case notSent(reason: String)

    package var description: String {
        switch self {
        case .refused(let status): "the receiver answered with \(status)"
        case .notSent(let reason): reason
        }
    }
}

/// Sends callbacks. Redirections are not followed, as they could lead anywhere, and of answers only the status is read.
package final class CallbackRequests: Sendable {
    private static let timeout: TimeInterval = 15

    /// Nil once cancelled: an invalidated session ends the process if it is asked for another request.
    private let session: Mutex<URLSession?>
    private let delegate = Delegate()

    package init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Self.timeout
        configuration.timeoutIntervalForResource = Self.timeout
        configuration.httpCookieStorage = nil
        session = Mutex(URLSession(configuration: configuration, delegate: delegate, delegateQueue: nil))
    }

    /// Sends a request, and returns when its receiver has taken it.
    ///
    /// - Throws: `CallbackFailure` if there is no answer, if it is not 2xx, or after `cancel`.
    package func send(_ request: CallbackRequest) async throws {
        var message = URLRequest(url: request.address)
        message.httpMethod = "POST"
        message.httpBody = Data(request.body)
        for (name, value) in request.headers { message.setValue(value, forHTTPHeaderField: name) }
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int, any Error>) in
            session.withLock { session in
                guard let session else {
                    return continuation.resume(throwing: CallbackFailure.notSent(reason: "the service stops"))
                }
                let task = session.dataTask(with: message)
                delegate.expect(task, continuation)
                task.resume()
            }
        }
        guard (200..<300).contains(status) else { throw CallbackFailure.refused(status: status) }
    }

    /// Ends the requests that are under way, and refuses further ones.
    package func cancel() {
        session.withLock { session in
            session?.invalidateAndCancel()
            session = nil
        }
    }

    private final class Delegate: NSObject, URLSessionDataDelegate, Sendable {
        private let waiting = Mutex<[Int: CheckedContinuation<Int, any Error>]>([:])

        func expect(_ task: URLSessionTask, _ continuation: CheckedContinuation<Int, any Error>) {
            waiting.withLock { $0[task.taskIdentifier] = continuation }
        }

        private func end(_ task: URLSessionTask, _ result: Result<Int, any Error>) {
            waiting.withLock { $0.removeValue(forKey: task.taskIdentifier) }?.resume(with: result)
        }

        func urlSession(
            _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
            completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
        ) {
            end(dataTask, .success((response as? HTTPURLResponse)?.statusCode ?? 0))
            completionHandler(.cancel)
        }

        func urlSession(
            _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
            newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
        ) {
            end(task, .success(response.statusCode))
            completionHandler(nil)
        }

        func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
            let reason = error.map { $0.localizedDescription } ?? "the receiver closed the connection"
            end(task, .failure(CallbackFailure.notSent(reason: reason)))
        }
    }
}
