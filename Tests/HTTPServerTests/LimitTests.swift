import Dispatch
import Glibc
import HTTPServer
import TestSupport
import Testing

@Suite("Limits", .ownThread)
struct LimitTests {
    let handler = TestHandler(admit: { _ in .accept(maximumBodyBytes: 1000) })

    private func head(_ framing: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n\(framing)\r\n\r\n"
    }

    @Test("With Expect: 100-continue, a body that is too large is refused before it is sent")
    func refusalBeforeBody() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 1001\r\nExpect: 100-continue"))
        let answer = try client.readOne()
        #expect(answer.status == 413)
        #expect(answer.headers["Connection"] == "close")
        #expect(try client.isClosedByServer())
    }

    @Test("With Expect: 100-continue, a body of the right size is asked for")
    func continuation() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 3\r\nExpect: 100-continue"))
        #expect(try client.readOne().status == 100)
        try client.send("a=1")
        #expect(try client.readOne().text == "POST /\n# a|-|-|1")
    }

    /// Signals when it is deallocated.
    private final class Reservation: Sendable {
        private let end: DispatchSemaphore

        init(end: DispatchSemaphore) { self.end = end }

        deinit { end.signal() }
    }

    @Test("The reservation for a body is kept while the body arrives, and released if the connection ends early")
    func reservation() throws {
        let end = DispatchSemaphore(value: 0)
        let server = try TestHandler(
            admit: { _ in .accept(maximumBodyBytes: 1000, reservation: Reservation(end: end)) }
        ).startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 1000\r\nExpect: 100-continue"))
        #expect(try client.readOne().status == 100)
        #expect(end.wait(timeout: .now()) == .timedOut)
        try client.send("a=1")
        server.stop()
        #expect(end.wait(timeout: .now()) == .success)
    }

    @Test("A body that is too large is read and refused, so that a client which sends it first can read the answer")
    func announcedBody() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 5000000"))
        try client.send([UInt8](repeating: 97, count: 5_000_000))
        let answer = try client.readAnswer()
        #expect(answer.status == 413)
        #expect(answer.headers["Connection"] == "close")
        #expect(handler.waitForCompletions(1)?.first?.status == 413)
    }

    @Test("A body that is too large to be read and thrown away is refused at once")
    func announcedHugeBody() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 99999999999"))
        #expect(try client.readAnswer().status == 413)
        #expect(try client.isClosedByServer())
    }

    @Test("A chunked body as large as the limit is accepted, one byte more is refused")
    func chunkedBody() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        func post(_ count: Int) throws -> Int {
            let client = try TestClient(port: server.port)
            let body = "a=" + String(repeating: "x", count: count - 2)
            let chunks = body.utf8.map { "1\r\n\(Character(UnicodeScalar($0)))\r\n" }.joined()
            try client.send(head("Transfer-Encoding: chunked") + chunks + "0\r\n\r\n")
            return try client.readAnswer().status
        }
        #expect(try post(1000) == 200)
        #expect(try post(1001) == 413)
    }

    @Test("The connection of an endless chunked body is closed")
    func endlessBody() throws {
        let server = try handler.startServer { $0.discardedBodyBytes = 100_000 }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Transfer-Encoding: chunked"))
        let chunk = Array("1000\r\n".utf8) + [UInt8](repeating: 97, count: 4096) + Array("\r\n".utf8)
        #expect(throws: TestClient.Failure.self) { while true { try client.send(chunk) } }
        #expect(handler.waitForCompletions(1)?.first?.status == .some(nil))
    }

    @Test(
        "A request that arrives too slowly is closed at its deadline",
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\nX: ",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: 999\r\n\r\na=",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n999\r\n",
        ])
    func slowRequest(start: String) throws {
        let server = try handler.startServer {
            $0.idleTimeout = .seconds(1)
            $0.uploadDeadline = .milliseconds(50)
        }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        // Something is sent all the time, so only the deadline can end this loop.
        #expect(throws: TestClient.Failure.self) {
            try client.send(start)
            for _ in 0..<10_000 {
                try client.send("x")
                usleep(1000)
            }
        }
    }

    @Test("The connection of a client that does not read its response is closed at the deadline")
    func slowReader() throws {
        let handler = TestHandler(handle: { _, exchange in
            exchange.respond(Response(status: 200, body: [UInt8](repeating: 1, count: 64 << 20)))
        })
        let server = try handler.startServer { $0.responseDeadline = .milliseconds(50) }
        defer { server.stop() }
        let client = try TestClient(port: server.port, receiveBuffer: 4096)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(handler.waitForCompletions(1)?.first?.status == .some(nil))
        #expect(try client.readToEnd().count < 64 << 20)
    }

    @Test("A silent connection is closed after the idle timeout")
    func silence() throws {
        let server = try handler.startServer { $0.idleTimeout = .seconds(1) }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        #expect(try client.isClosedByServer())
    }

    @Test("A connection above the limit for one address is closed")
    func connectionsPerAddress() throws {
        let server = try handler.startServer { $0.connectionLimitPerAddress = 2 }
        defer { server.stop() }
        let first = try TestClient(port: server.port)
        let second = try TestClient(port: server.port)
        for client in [first, second] {
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readAnswer().status == 200)
        }
        #expect(try TestClient(port: server.port).isClosedByServer())
    }
}
