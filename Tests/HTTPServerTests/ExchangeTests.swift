import Dispatch
import Foundation
import HTTPServer
import TestSupport
import Testing

@Suite("Exchanges: requests that wait", .ownThread)
struct ExchangeTests {
    let exchanges = ExchangeQueue()
    let handler: TestHandler

    init() {
        let exchanges = exchanges
        handler = TestHandler(handle: { exchanges.put($1) })
    }

    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("A response given later from another thread arrives, and the connection serves on")
    func laterResponse() throws {
        let server = try startServer(handler)
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
        let server = try startServer(handler)
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

    @Test("Responses raced by many threads are sent once")
    func racedResponses() throws {
        let handler = TestHandler(handle: { _, exchange in
            for _ in 0..<4 { Thread.detachNewThread { exchange.respond(Response(status: 200, body: [65])) } }
            exchange.respond(Response(status: 200, body: [65]))
        })
        let server = try startServer(handler)
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        for _ in 0..<200 {
            try client.send(Self.get)
            #expect(try client.readAnswer().text == "A")
        }
    }

    @Test("A client that hangs up while it waits triggers the disconnect action, once", arguments: [true, false])
    func disconnect(halfway: Bool) throws {
        let server = try startServer(handler)
        defer { server.stop() }
        var client: TestClient? = try TestClient(port: server.port)
        try client?.send(Self.get)
        let exchange = try #require(exchanges.take())
        let isGone = DispatchSemaphore(value: 0)
        let calls = LockedValue(0)
        exchange.onDisconnect {
            calls.update { $0 += 1 }
            isGone.signal()
        }
        // A client that only stops sending counts as gone, too.
        if halfway { client?.finishSending() } else { client = nil }
        #expect(isGone.wait(timeout: .now() + 20) == .success)
        #expect(handler.waitForCompletions(1)?.map(\.status) == [nil])
        exchange.respond(Response(status: 200))
        #expect(calls.get() == 1)
        // Too late to wait for: such an action runs at once.
        exchange.onDisconnect { calls.update { $0 += 1 } }
        #expect(calls.get() == 2)
        server.stop()
        #expect(server.liveRequestCount == 0)
        #expect(handler.completionCount == 1)
    }

    @Test("A disconnect after the response triggers nothing")
    func disconnectAfterResponse() throws {
        let server = try startServer(handler)
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

    @Test("Clients that hang up while the answer is being given leave nothing behind")
    func disconnectRacingResponse() throws {
        let server = try startServer(handler)
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

    @Test("A waiting request outlives the idle timeout and the upload deadline")
    func longWait() throws {
        let server = try startServer(handler) {
            $0.idleTimeout = .seconds(1)
            $0.uploadDeadline = .milliseconds(10)
            $0.responseDeadline = .seconds(10)
        }
        defer { server.stop() }
        let waiting = try TestClient(port: server.port)
        try waiting.send(Self.get)
        let exchange = try #require(exchanges.take())
        // An idle client, started later, is cut off: so both limits have passed for the one that waits.
        #expect(try TestClient(port: server.port).isClosedByServer())
        exchange.respond(Response(status: 200, body: [65]))
        #expect(try waiting.readAnswer().text == "A")
    }
}
