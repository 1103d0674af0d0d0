import Dispatch
import Glibc
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite("Limits", .ownThread)
struct LimitTests {
    let handler = TestHandler(admit: { _ in .accept(maximumBodyBytes: 1000) })

    /// How many connections beyond the limit can be open.
    private static let reserve = HTTPServerConfiguration(host: "", port: 0).connectionReserve

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
    private final class Reservation: BodyReservation {
        private let end: DispatchSemaphore
        private let capacity: Int
        private let taken = Atomic(0)

        init(end: DispatchSemaphore = DispatchSemaphore(value: 0), capacity: Int = .max) {
            (self.end, self.capacity) = (end, capacity)
        }

        func take(_ bytes: Int) -> Bool {
            taken.wrappingAdd(bytes, ordering: .relaxed).newValue <= capacity
        }

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

    @Test("A body for which the reservation has no memory is refused")
    func noMemory() throws {
        let server = try TestHandler(
            admit: { _ in .accept(maximumBodyBytes: 1000, reservation: Reservation(capacity: 10)) }
        ).startServer()
        defer { server.stop() }
        func post(_ body: String) throws -> Int {
            let client = try TestClient(port: server.port)
            try client.send(head("Content-Length: \(body.utf8.count)") + body)
            return try client.readAnswer().status
        }
        #expect(try post("a=12345678") == 200)
        #expect(try post("a=123456789") == 503)
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

    @Test("An endless chunked body is answered with 413, and its connection closed")
    func endlessBody() throws {
        let server = try handler.startServer { $0.discardedBodyBytes = 100_000 }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Transfer-Encoding: chunked"))
        let chunk = Array("1000\r\n".utf8) + [UInt8](repeating: 97, count: 4096) + Array("\r\n".utf8)
        for _ in 0..<40 { try client.send(chunk) }
        let answer = try client.readAnswer()
        #expect(answer.status == 413 && answer.headers["Connection"] == "close")
        #expect(throws: TestClient.Failure.self) { while true { try client.send(chunk) } }
        #expect(handler.waitForCompletions(1)?.first?.status == 413)
    }

    @Test("A head that arrives too slowly is closed at its deadline")
    func slowHead() throws {
        let server = try handler.startServer {
            $0.idleTimeout = .seconds(1)
            $0.uploadDeadline = .milliseconds(50)
        }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        // Something is sent all the time, so only the deadline can end this loop.
        #expect(throws: TestClient.Failure.self) {
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            for _ in 0..<10_000 {
                try client.send("x")
                usleep(1000)
            }
        }
    }

    @Test("A head has its time from its first line on, however long a connection may be idle before it")
    func slowFields() throws {
        let server = try handler.startServer {
            $0.idleTimeout = .seconds(3600)
            $0.uploadDeadline = .milliseconds(50)
        }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
        #expect(try client.isClosedByServer())
    }

    @Test("A body that is slower than the lowest rate is answered with 408; one that is as fast is not")
    func slowRate() throws {
        let server = try handler.startServer {
            $0.lowestUploadRate = 500
            $0.uploadRateGrace = .milliseconds(200)
            $0.uploadDeadline = .seconds(60)
            $0.responseDeadline = .milliseconds(100)
        }
        defer { server.stop() }
        func post(pause: UInt32) throws -> Int {
            let client = try TestClient(port: server.port)
            try client.send(head("Content-Length: 802") + "a=")
            for _ in 0..<8 where (try? client.send(String(repeating: "x", count: 100))) != nil { usleep(pause) }
            return try client.readAnswer().status
        }
        #expect(try post(pause: 20_000) == 200)
        #expect(try post(pause: 500_000) == 408)
    }

    @Test("A body of which nothing comes any more is answered with 408")
    func silentBody() throws {
        let server = try handler.startServer { $0.idleTimeout = .seconds(1) }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 999") + "a=")
        let answer = try client.readAnswer()
        #expect(answer.status == 408 && answer.text.contains("nothing of it came for 1 seconds"))
        #expect(try client.isClosedByServer())
    }

    @Test("A client that leaves in the middle of its body is noticed before any timeout")
    func abandonedBody() throws {
        let server = try handler.startServer { $0.idleTimeout = .seconds(3600) }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 999") + "a=")
        client.finishSending()
        let begin = ContinuousClock.now
        #expect(handler.waitForCompletions(1)?.first?.status == .some(nil))
        #expect(begin.duration(to: .now) < .seconds(30))
    }

    @Test("A client that only closes its sending side after its body gets no answer, and its request is abandoned")
    func halfClosed() throws {
        let exchanges = ExchangeQueue()
        let handler = TestHandler(handle: { _, exchange in exchanges.put(exchange) })
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head("Content-Length: 3") + "a=1")
        let exchange = try #require(exchanges.take())
        let isAbandoned = DispatchSemaphore(value: 0)
        exchange.onDisconnect { isAbandoned.signal() }
        client.finishSending()
        #expect(isAbandoned.wait(timeout: WaitLimit.deadline) == .success)
    }

    @Test("With all connections taken by idle clients, a new one is served at once, and the oldest is closed")
    func idleConnections() throws {
        let server = try handler.startServer {
            $0.connectionLimit = 1
            $0.idleTimeout = .seconds(3600)
        }
        defer { server.stop() }
        let capacity = 1 + Self.reserve
        let idle = try (0..<3 * capacity).map { _ in try TestClient(port: server.port) }
        for _ in 0..<5 {
            let client = try TestClient(port: server.port)
            let begin = ContinuousClock.now
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readAnswer().status == 200)
            // Long before an idle connection would be closed by itself.
            #expect(begin.duration(to: .now) < .seconds(5))
        }
        #expect(try idle[0].isClosedByServer())
        // The youngest ones still work.
        let youngest = try #require(idle.last)
        try youngest.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try youngest.readAnswer().status == 200)
    }

    @Test("The connection that is closed for a new one has waited longest for a request, not been open longest")
    func longestIdle() throws {
        let server = try handler.startServer {
            $0.connectionLimit = 1
            $0.idleTimeout = .seconds(3600)
        }
        defer { server.stop() }
        let others = Self.reserve - 1
        func get(_ client: TestClient) throws -> Int {
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            return try client.readOne().status
        }
        let (busy, idle) = (try TestClient(port: server.port), try TestClient(port: server.port))
        let rest = try (0..<others).map { _ in try TestClient(port: server.port) }
        for client in [busy, idle] + rest + [busy] { #expect(try get(client) == 200) }
        let new = try TestClient(port: server.port)
        #expect(try get(new) == 200)
        #expect(try idle.isClosedByServer())
        #expect(try get(busy) == 200)
    }

    /// Keeps requests for `/wait`, and refuses those beyond the limit that are not for `/probe`. For each head it
    /// signals `heads`.
    private func limitedHandler(
        heads: DispatchSemaphore = DispatchSemaphore(value: 0), waiting exchanges: ExchangeQueue = ExchangeQueue()
    ) -> TestHandler {
        TestHandler(
            admit: { head in
                heads.signal()
                return head.isBeyondConnectionLimit && head.path != "/probe"
                    ? .refuse(Response(status: 503)) : .accept(maximumBodyBytes: 1000)
            },
            handle: { request, exchange in
                if request.head.path == "/wait" {
                    exchanges.put(exchange)
                } else {
                    exchange.respond(Response(status: 200))
                }
            })
    }

    private func get(_ path: String, from server: HTTPServer) throws -> Int {
        let client = try TestClient(port: server.port)
        try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.readAnswer().status
    }

    @Test("Clients that left in the middle of their bodies make room at once")
    func roomOfAbandonedBodies() throws {
        let server = try limitedHandler().startServer {
            $0.connectionLimit = 2
            $0.abandonedBodyGrace = .seconds(3600)
        }
        defer { server.stop() }
        for _ in 0..<2 * Self.reserve {
            let client = try TestClient(port: server.port)
            try client.send(head("Content-Length: 999") + "a=")
            client.finishSending()
            // The server needs a moment to notice it.
            let deadline = WaitLimit.deadline
            while try get("/else", from: server) == 503 {
                try #require(DispatchTime.now() < deadline)
                usleep(1000)
            }
        }
    }

    @Test("Connections beyond the limit that send slow bodies do not take the last place from a health check")
    func slowBodiesBeyondLimit() throws {
        let heads = DispatchSemaphore(value: 0)
        let server = try limitedHandler(heads: heads).startServer { $0.connectionLimit = 3 }
        defer { server.stop() }
        let slow = try (0..<2 * Self.reserve).map { _ in
            let client = try TestClient(port: server.port)
            try client.send(head("Content-Length: 999") + "a=")
            // Until then it may be closed as one that waits for a request.
            #expect(heads.wait(timeout: WaitLimit.deadline) == .success)
            return client
        }
        for _ in 0..<100 { #expect(try get("/probe", from: server) == 200) }
        #expect(try get("/else", from: server) == 503)
        // Those within the limit are left alone.
        for client in slow.prefix(3) {
            try client.send(String(repeating: "x", count: 997))
            #expect(try client.readAnswer().status == 200)
        }
    }

    @Test("With all connections taken by requests, a few more are served, and marked")
    func busyConnections() throws {
        let exchanges = ExchangeQueue()
        let server = try limitedHandler(waiting: exchanges).startServer { $0.connectionLimit = 3 }
        defer { server.stop() }
        let busy = try (0..<3).map { _ in try TestClient(port: server.port) }
        for client in busy { try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n") }
        let waiting = try (0..<3).map { _ in try #require(exchanges.take()) }
        for path in ["/probe", "/else", "/probe"] {
            #expect(try get(path, from: server) == (path == "/probe" ? 200 : 503))
        }
        for exchange in waiting { exchange.respond(Response(status: 200)) }
        for client in busy { #expect(try client.readAnswer().status == 200) }
    }

    @Test(
        "A body that arrives too slowly is answered with 408 at its deadline",
        arguments: [
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
        try client.send(start)
        #expect(throws: TestClient.Failure.self) {
            for _ in 0..<10_000 {
                try client.send("x")
                usleep(1000)
            }
        }
        let answer = try client.readAnswer()
        #expect(answer.status == 408 && answer.headers["Connection"] == "close")
        #expect(answer.text.contains("within 0.05 seconds"), "the limit is named")
        #expect(handler.waitForCompletions(1)?.first?.status == 408, "and the handler told")
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
