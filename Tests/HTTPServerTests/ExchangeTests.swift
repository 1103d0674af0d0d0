import Dispatch
import Foundation
import HTTPServer
import TestSupport
import Testing

@Suite("Waiting requests", .ownThread)
struct ExchangeTests {
    let exchanges = ExchangeQueue()
    let handler: TestHandler

    init() {
        let exchanges = exchanges
        handler = TestHandler(handle: { exchanges.put($1) })
    }

    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("A response can be given later, and then the connection is used for the next request")
    func laterResponse() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        for index in 0..<100 {
            try client.send(Self.get)
            try #require(exchanges.take()).respond(Response(status: 200, body: Array("\(index)".utf8)))
            #expect(try client.readAnswer().text == "\(index)")
        }
    }

    @Test("Only the first response counts")
    func secondResponse() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        let exchange = try #require(exchanges.take())
        exchange.respond(Response(status: 200, body: [65]))
        exchange.respond(Response(status: 500, body: [66]))
        #expect(try client.readAnswer().text == "A")
        exchange.respond(Response(status: 500, body: [66]))
        try client.send(Self.get)
        try #require(exchanges.take()).respond(Response(status: 200, body: [67]))
        #expect(try client.readAnswer().text == "C")
    }

    @Test("If several threads respond at once, one response is sent")
    func racedResponses() throws {
        let handler = TestHandler(handle: { _, exchange in
            for _ in 0..<4 { Thread.detachNewThread { exchange.respond(Response(status: 200, body: [65])) } }
            exchange.respond(Response(status: 200, body: [65]))
        })
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        for _ in 0..<200 {
            try client.send(Self.get)
            #expect(try client.readAnswer().text == "A")
        }
    }

    @Test("If a client disconnects while it waits, the disconnect action runs once", arguments: [true, false])
    func disconnect(halfway: Bool) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        var client: TestClient? = try TestClient(port: server.port)
        try client?.send(Self.get)
        let exchange = try #require(exchanges.take())
        let hasLeft = DispatchSemaphore(value: 0)
        let calls = LockedValue(0)
        exchange.onDisconnect {
            calls.update { $0 += 1 }
            hasLeft.signal()
        }
        // A client that only closes its sending side counts as disconnected, too.
        if halfway { client?.finishSending() } else { client = nil }
        #expect(hasLeft.wait(timeout: WaitLimit.deadline) == .success)
        #expect(handler.waitForCompletions(1)?.map(\.status) == [nil])
        exchange.respond(Response(status: 200))
        #expect(calls.get() == 1)
        // An action that is registered after the disconnect runs at once.
        exchange.onDisconnect { calls.update { $0 += 1 } }
        #expect(calls.get() == 2)
        server.stop()
        #expect(server.liveRequestCount == 0)
        #expect(handler.completionCount == 1)
    }

    @Test("If a client disconnects after the response, the disconnect action does not run")
    func disconnectAfterResponse() throws {
        let server = try handler.startServer()
        var client: TestClient? = try TestClient(port: server.port)
        try client?.send(Self.get)
        let exchange = try #require(exchanges.take())
        let calls = LockedValue(0)
        exchange.onDisconnect { calls.update { $0 += 1 } }
        exchange.respond(Response(status: 200))
        #expect(try client?.readAnswer().status == 200)
        exchange.onDisconnect { calls.update { $0 += 1 } }
        client = nil
        server.stop()
        #expect(calls.get() == 0)
    }

    @Test("Clients that disconnect while they are being answered leave nothing in memory")
    func disconnectRacingResponse() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        for _ in 0..<200 {
            var client: TestClient? = try TestClient(port: server.port)
            try client?.send(Self.get)
            let exchange = try #require(exchanges.take())
            Thread.detachNewThread { exchange.respond(Response(status: 200, body: [65])) }
            client = nil
        }
        #expect(handler.waitForCompletions(200)?.count == 200)
        server.stop()
        #expect(server.liveRequestCount == 0)
    }

    @Test("The idle timeout and the upload deadline do not end a waiting request")
    func longWait() throws {
        let server = try handler.startServer {
            $0.idleTimeout = .seconds(6)
            // Long enough for a busy machine to read the request, and less than the idle timeout.
            $0.uploadDeadline = .seconds(5)
            $0.responseDeadline = .seconds(WaitLimit.seconds)
        }
        defer { server.stop() }
        let waiting = try TestClient(port: server.port)
        try waiting.send(Self.get)
        let exchange = try #require(exchanges.take())
        // A client that connects later and sends nothing is closed: so both limits have passed for the waiting request.
        #expect(try TestClient(port: server.port).isClosedByServer())
        exchange.respond(Response(status: 200, body: [65]))
        #expect(try waiting.readAnswer().text == "A")
    }
}
