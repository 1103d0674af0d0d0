import Dispatch
import HTTPServer
import Synchronization
import TestSupport

/// A handler that is made of closures and records which requests were completed.
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

    /// Starts a server with this handler on a free port of 127.0.0.1.
    func startServer(configure: (inout HTTPServerConfiguration) -> Void = { _ in }) throws -> HTTPServer {
        var configuration = HTTPServerConfiguration()
        configure(&configuration)
        return try HTTPServer(configuration: configuration, handler: self)
    }

    func admit(_ head: RequestHead) -> Admission { admitting(head) }
    func handle(_ request: Request, _ exchange: any Exchange) { handling(request, exchange) }

    func response(to failure: RequestFailure, of head: RequestHead) -> Response {
        let status =
            switch failure {
            case .malformedHead, .malformedForm: 400
            case .bodyTooLarge: 413
            case .bodyTooSlow: 408
            case .noMemory: 503
            case .unsupportedContentCoding, .unsupportedMediaType: 415
            }
        return Response(status: status, headers: ["X-Request-ID": head.id], body: Array("\(failure)".utf8))
    }

    func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration) {
        completions.withLock { $0.append(Completion(head: head, status: status, label: label)) }
        isCompleted.signal()
    }

    /// Waits until `count` more requests are completed.
    ///
    /// - Returns: all completions so far; nil after `WaitLimit`.
    func waitForCompletions(_ count: Int) -> [Completion]? {
        for _ in 0..<count where isCompleted.wait(timeout: WaitLimit.deadline) == .timedOut { return nil }
        return completions.withLock { $0 }
    }

    var completionCount: Int { completions.withLock { $0.count } }

    /// A response that describes the request.
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
