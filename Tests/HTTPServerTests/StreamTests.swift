import Foundation
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Responses whose bodies are made while they are sent.
@Suite("Streams", .ownThread, .timeLimit(.minutes(5)))
struct StreamTests {
    /// A source of bytes that a test fills, and its stream.
    private final class Source: Sendable {
        private let pieces = Mutex<[ResponseStream.Next]>([])
        private let streamHolder = Mutex<ResponseStream?>(nil)
        let asked = Tally()
        let ended = Tally()

        func makeStream() -> ResponseStream {
            let stream = ResponseStream(
                next: {
                    self.asked.add()
                    return self.pieces.withLock { $0.isEmpty ? .nothingYet : $0.removeFirst() }
                }, onEnd: { self.ended.add() })
            streamHolder.withLock { $0 = stream }
            return stream
        }

        func add(_ next: ResponseStream.Next) {
            pieces.withLock { $0.append(next) }
            streamHolder.withLock { $0 }?.wake()
        }
    }

    private func handler(_ source: Source) -> TestHandler {
        TestHandler(
            admit: { _ in .accept(maximumBodyBytes: 0) },
            handle: { request, exchange in
                exchange.respond(
                    request.head.path == "/plain"
                        ? Response(status: 200, body: Array("plain".utf8))
                        : Response(status: 200, headers: ["Content-Type": "text/plain"], stream: source.makeStream()))
            })
    }

    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("arrive piece by piece, as they are made, and the connection serves another request")
    func pieces() async throws {
        let source = Source()
        let server = try handler(source).startServer()
        defer { server.stop() }
        let client = try Subprocess(
            ["curl", "-sSN", "http://127.0.0.1:\(server.port)/", "http://127.0.0.1:\(server.port)/plain"])
        try await source.asked.reaches(1)
        source.add(.bytes(Array("one\n".utf8)))
        source.add(.bytes([]))
        source.add(.bytes([UInt8](repeating: 0x61, count: 200_000)))
        try await source.asked.reaches(4)
        source.add(.bytes(Array("\ntwo".utf8)))
        source.add(.end)
        let result = await client.wait()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text == "one\n" + String(repeating: "a", count: 200_000) + "\ntwoplain")
        try await source.ended.reaches(1)
    }

    @Test("end when the client leaves, even while there is nothing to send")
    func leaving() async throws {
        let source = Source()
        let server = try handler(source).startServer()
        defer { server.stop() }
        var client: TestClient? = try TestClient(port: server.port)
        try client?.send(Self.get)
        try await source.asked.reaches(1)
        client = nil
        try await source.ended.reaches(1)
    }

    @Test("end when the server stops")
    func stopping() async throws {
        let source = Source()
        let server = try handler(source).startServer()
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        try await source.asked.reaches(1)
        server.stop()
        try await source.ended.reaches(1)
    }

    @Test("that nobody reads are cut after the response deadline; quiet ones are not")
    func deadline() async throws {
        let (quiet, unread) = (Source(), Source())
        let sources = [quiet, unread]
        let count = Atomic(0)
        let handler = TestHandler(
            admit: { _ in .accept(maximumBodyBytes: 0) },
            handle: { _, exchange in
                let source = sources[count.wrappingAdd(1, ordering: .relaxed).oldValue]
                exchange.respond(Response(status: 200, stream: source.makeStream()))
            })
        let server = try handler.startServer { $0.responseDeadline = .milliseconds(300) }
        defer { server.stop() }
        let first = try Subprocess(["curl", "-sSN", "http://127.0.0.1:\(server.port)/"])
        try await quiet.asked.reaches(1)
        let second = try TestClient(port: server.port)
        try second.send(Self.get)
        try await unread.asked.reaches(1)
        // More than the sockets' buffers hold.
        unread.add(.bytes([UInt8](repeating: 0, count: 50_000_000)))
        try await unread.ended.reaches(1)
        quiet.add(.bytes(Array("still here".utf8)))
        quiet.add(.end)
        #expect(await first.wait().text == "still here")
    }
}
