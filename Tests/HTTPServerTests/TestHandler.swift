import Dispatch
import HTTPServer
import Synchronization

/// A handler made of closures that remembers what the server told it.
final class TestHandler: RequestHandler {
    struct Completion: Sendable {
        let head: RequestHead
        let status: Int?
        let label: String?
    }

    private let admitting: @Sendable (RequestHead) -> Admission
    private let handling: @Sendable (Request, any Exchange) -> Void
    private let completions = Mutex<[Completion]>([])
    private let isCompleted = DispatchSemaphore(value: 0)

    init(
        admit: @escaping @Sendable (RequestHead) -> Admission = { _ in .accept(maximumBodyBytes: 1 << 20) },
        handle: @escaping @Sendable (Request, any Exchange) -> Void = { $1.respond(TestHandler.describe($0)) }
    ) {
        admitting = admit
        handling = handle
    }

    func admit(_ head: RequestHead) -> Admission { admitting(head) }
    func handle(_ request: Request, _ exchange: any Exchange) { handling(request, exchange) }

    func response(to failure: RequestFailure, of head: RequestHead) -> Response {
        let status =
            switch failure {
            case .malformedHead, .malformedForm: 400
            case .bodyTooLarge: 413
            case .unsupportedMediaType: 415
            }
        return Response(status: status, headers: ["X-Request-ID": head.id], body: Array("\(failure)".utf8))
    }

    func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration) {
        completions.withLock { $0.append(Completion(head: head, status: status, label: label)) }
        isCompleted.signal()
    }

    /// Waits until `count` more requests are completed, and gives all so far; nil after 20 s.
    func waitForCompletions(_ count: Int) -> [Completion]? {
        for _ in 0..<count where isCompleted.wait(timeout: .now() + 20) == .timedOut { return nil }
        return completions.withLock { $0 }
    }

    var completionCount: Int { completions.withLock { $0.count } }

    /// A response that tells what arrived.
    static func describe(_ request: Request) -> Response {
        var lines = ["\(request.head.method) \(request.head.path)"]
        lines += request.head.query.map { "? \($0.name)=\($0.value)" }
        lines += request.form.map { field in
            let value =
                field.value.count <= 64 ? String(decoding: field.value, as: UTF8.self) : "\(field.value.count) bytes"
            return "# \(field.name)|\(field.filename ?? "-")|\(field.contentType ?? "-")|\(value)"
        }
        return Response(
            status: 200, headers: ["Content-Type": "text/plain", "X-Request-ID": request.head.id],
            body: Array(lines.joined(separator: "\n").utf8))
    }
}

/// Hands exchanges from the server's thread to the test's.
final class ExchangeQueue: Sendable {
    private let exchanges = Mutex<[any Exchange]>([])
    private let isFilled = DispatchSemaphore(value: 0)

    func put(_ exchange: any Exchange) {
        exchanges.withLock { $0.append(exchange) }
        isFilled.signal()
    }

    /// The next exchange; nil after 20 s.
    func take() -> (any Exchange)? {
        guard isFilled.wait(timeout: .now() + 20) == .success else { return nil }
        return exchanges.withLock { $0.removeFirst() }
    }
}

/// Starts a server for one test on a free port.
func startServer(
    _ handler: TestHandler, configure: (inout HTTPServerConfiguration) -> Void = { _ in }
) throws -> HTTPServer {
    var configuration = HTTPServerConfiguration()
    configure(&configuration)
    return try HTTPServer(configuration: configuration, handler: handler)
}

/// A value that the server's thread sets and the test reads.
final class LockedValue<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func set(_ new: Value) { value.withLock { $0 = new } }
    func get() -> Value { value.withLock { $0 } }
    func update(_ change: (inout Value) -> Void) {
        value.withLock { value in
            var copy = value
            change(&copy)
            value = copy
        }
    }
}
