import CFuzzing
import CMicroHTTPD
import Glibc
@testable import HTTPServer
import Synchronization

/// All that comes over one connection to the server, through libmicrohttpd: heads, bodies, and whatever is neither. The
/// first byte chooses the size of the pieces in which the rest arrives. However wrong it is, the server must see only
/// requests that a strict reader sees in it: never one that is part of a body or of a head.
func readConnection(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    let sent = Array(bytes.dropFirst())
    let answers = server.answers(to: sent, inPiecesOf: max(1 + Int(first) * Int(first), sent.count / 32))
    let strict = StrictReader(sent)
    for (index, request) in Recorder.shared.take().enumerated() {
        require(index < strict.requests.count, "a strict reader sees \(strict.requests), the server also \(request)")
        require(
            request.matches(strict.requests[index]),
            "a strict reader sees \(strict.requests[index]), the server \(request)")
    }
    // Where the strict reader stops, there can be one refusal.
    let statuses = String(decoding: answers, as: UTF8.self).split(separator: "HTTP/1.1 ")
    let finals = statuses.count { !$0.hasPrefix("100 ") }
    require(finals <= strict.requests.count + 1, "\(strict.requests.count) requests get \(finals) answers")
}

private let server = {
    do {
        return try FuzzedServer()
    } catch {
        fatalError("no server: \(error)")
    }
}()

/// What an `HTTPServer` consists of, without its thread that polls.
private final class FuzzedServer: Sendable {
    private let core: ServerCore
    // Not sendable by itself, but the fuzzer has one thread.
    nonisolated(unsafe) private let daemon: OpaquePointer

    init() throws {
        // The smallest limits, so that small inputs reach them.
        var configuration = HTTPServerConfiguration()
        configuration.connectionMemory = 4096
        configuration.discardedBodyBytes = 2000
        configuration.maximumFormFields = 8
        core = try ServerCore(configuration: configuration, handler: Recorder.shared)
        let callbacks = UnsafeMutablePointer<dd_mhd_callbacks>.allocate(capacity: 1)
        callbacks.initialize(to: ServerCore.callbacks(context: Unmanaged.passUnretained(core).toOpaque()))
        let listening = try ListeningSocket(host: configuration.host, port: 0)
        guard let daemon = fuzz_http_start(listening.descriptor, configuration.connectionMemory, callbacks) else {
            fatalError("libmicrohttpd does not start")
        }
        self.daemon = daemon
    }

    /// Sends all bytes over a new connection, and closes it when the server waits for more.
    func answers(to bytes: [UInt8], inPiecesOf size: Int) -> [UInt8] {
        var sockets: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        require(
            socketpair(AF_UNIX, type, 0, &sockets) == 0 && fuzz_http_connect(daemon, sockets[1]), "no connection")
        var answers = receive(from: sockets[0])
        var rest = bytes[...]
        while !rest.isEmpty {
            // The server may have closed the connection.
            let count = rest.prefix(size).withUnsafeBytes { send(sockets[0], $0.baseAddress, $0.count, flags) }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
            answers += receive(from: sockets[0])
        }
        close(sockets[0])
        // An input that the server holds on to is a finding: this does not end.
        while fuzz_http_work(daemon) > 0 {}
        require(core.liveTransactions.load(ordering: .relaxed) == 0, "a request has not ended with its connection")
        return answers
    }

    /// Lets the server work, and takes what it sends, until it waits for more.
    private func receive(from socket: Int32) -> [UInt8] {
        var received: [UInt8] = []
        while true {
            _ = fuzz_http_work(daemon)
            let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { piece in
                let count = recv(socket, piece.baseAddress, piece.count, 0)
                received += piece.prefix(max(0, count))
                return count
            }
            guard count > 0 else { return received }
        }
    }

    private let flags = Int32(MSG_NOSIGNAL)
}

/// Answers all requests, and notes what the server says about them.
private final class Recorder: RequestHandler {
    static let shared = Recorder()
    private let requests = Mutex<[SentRequest]>([])

    func take() -> [SentRequest] {
        requests.withLock { requests in
            defer { requests = [] }
            return requests
        }
    }

    func admit(_ head: RequestHead) -> Admission {
        requests.withLock { $0.append(SentRequest(method: head.method, fields: head.headers.fields, body: nil)) }
        if head.path.hasPrefix("/refused") { return .refuse(Response(status: 403)) }
        return .accept(maximumBodyBytes: 1000, takesFiles: true)
    }

    func handle(_ request: Request, _ exchange: Exchange) {
        if case .file(let body) = request.body { requests.withLock { $0[$0.count - 1].body = body } }
        exchange.respond(Response(status: 200))
    }

    func response(to failure: RequestFailure, of head: RequestHead) -> Response { Response(status: 400) }
    func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration) {}
}
