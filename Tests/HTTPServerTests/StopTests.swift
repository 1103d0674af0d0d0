import Dispatch
import Foundation
import HTTPServer
import TestSupport
import Testing

@Suite("Start and stop", .ownThread)
struct StopTests {
    let exchanges = ExchangeQueue()
    let handler: TestHandler

    init() {
        let exchanges = exchanges
        handler = TestHandler(handle: { exchanges.put($1) })
    }

    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(
        "Stopping with requests that wait cancels them, tells their clients and leaves nothing behind",
        arguments: [1, 4])
    func stopWithWaitingRequests(threads: Int) throws {
        let server = try startServer(handler) { $0.threads = threads }
        var clients: [TestClient] = []
        let cancelled = LockedValue(0)
        for _ in 0..<20 {
            let client = try TestClient(port: server.port)
            try client.send(Self.get)
            clients.append(client)
            try #require(exchanges.take()).onDisconnect { cancelled.update { $0 += 1 } }
        }
        server.stop()
        #expect(cancelled.get() == 20)
        for client in clients { #expect(try client.readAnswer().status == 503) }
        #expect(handler.completionCount == 20)
        #expect(server.liveRequestCount == 0)
        server.stop()
    }

    @Test("After stopAccepting new connections are refused, and requests in hand are answered and closed")
    func stopAccepting() throws {
        let server = try startServer(handler)
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        let exchange = try #require(exchanges.take())
        server.stopAccepting()
        server.stopAccepting()
        #expect(throws: TestClient.Failure.self) { try TestClient(port: server.port) }
        exchange.respond(Response(status: 200, body: [65]))
        let answer = try client.readAnswer()
        #expect(answer.text == "A")
        #expect(answer.headers["Connection"] == "close")
        #expect(try client.isClosedByServer())
    }

    @Test("Stopping lets responses on their way arrive whole")
    func stopWhileSending() throws {
        let server = try startServer(handler) { $0.stopGrace = .seconds(20) }
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        let size = 32 << 20
        try #require(exchanges.take()).respond(Response(status: 200, body: [UInt8](repeating: 1, count: size)))
        let isStopped = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            server.stop()
            isStopped.signal()
        }
        #expect(try client.readAnswer().body.count == size)
        #expect(isStopped.wait(timeout: .now() + 20) == .success)
    }

    @Test("Stopping does not wait longer than the grace for a client that does not read")
    func stopWithStuckClient() throws {
        let server = try startServer(handler) { $0.stopGrace = .milliseconds(50) }
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        try #require(exchanges.take()).respond(Response(status: 200, body: [UInt8](repeating: 1, count: 64 << 20)))
        server.stop()
        #expect(handler.waitForCompletions(1)?.map(\.status) == [nil])
        #expect(try client.readToEnd().count < 64 << 20)
    }

    @Test("Servers stopped while clients keep asking never abort")
    func stopUnderLoad() throws {
        for _ in 0..<20 {
            let handler = TestHandler(handle: { _, exchange in
                Thread.detachNewThread { exchange.respond(Response(status: 200)) }
            })
            let server = try startServer(handler)
            let port = server.port
            let isDone = DispatchGroup()
            let answered = DispatchSemaphore(value: 0)
            for _ in 0..<4 {
                isDone.enter()
                Thread.detachNewThread {
                    defer { isDone.leave() }
                    guard let client = try? TestClient(port: port) else { return }
                    while (try? client.send(Self.get)) != nil, (try? client.readAnswer()) != nil { answered.signal() }
                }
            }
            for _ in 0..<20 { #expect(answered.wait(timeout: .now() + 20) == .success) }
            server.stop()
            #expect(isDone.wait(timeout: .now() + 20) == .success)
            #expect(server.liveRequestCount == 0)
        }
    }

    @Test("A response given after the stop is dropped")
    func lateResponse() throws {
        let server = try startServer(handler)
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        let exchange = try #require(exchanges.take())
        server.stop()
        exchange.respond(Response(status: 200))
        #expect(try client.readAnswer().status == 503)
    }

    @Test("An address in use, or none, is an error that names it")
    func cannotBind() throws {
        let server = try startServer(handler)
        defer { server.stop() }
        #expect(
            throws: HTTPServerError.cannotBind(host: "127.0.0.1", port: server.port, reason: "Address already in use")
        ) {
            try startServer(handler) { $0.port = server.port }
        }
        #expect(
            throws: HTTPServerError.cannotBind(
                host: "localhost", port: 0, reason: "the host is not an IPv4 or IPv6 address")
        ) {
            try startServer(handler) { $0.host = "localhost" }
        }
    }

    @Test("A port is free again once its server has stopped")
    func rebinding() throws {
        let first = try startServer(handler)
        let client = try TestClient(port: first.port)
        try client.send(Self.get)
        first.stop()
        let second = try startServer(handler) { $0.port = first.port }
        second.stop()
        #expect(second.port == first.port)
    }

    @Test("Properties out of range are named before anything is bound")
    func invalidConfiguration() throws {
        let changes: [(String, (inout HTTPServerConfiguration) -> Void)] = [
            ("port", { $0.port = 65536 }), ("connectionLimit", { $0.connectionLimit = 0 }),
            ("connectionLimitPerAddress", { $0.connectionLimitPerAddress = 0 }), ("threads", { $0.threads = 0 }),
            ("idleTimeout", { $0.idleTimeout = .milliseconds(999) }), ("uploadDeadline", { $0.uploadDeadline = .zero }),
            ("connectionMemory", { $0.connectionMemory = 0 }), ("maximumFormFields", { $0.maximumFormFields = 0 }),
        ]
        for (property, change) in changes {
            let error = #expect(throws: HTTPServerError.self) { try startServer(handler, configure: change) }
            guard case .invalidConfiguration(property, _, _) = error else {
                Issue.record("\(property): \(String(describing: error))")
                continue
            }
        }
    }

    @Test("IPv6 clients and, on ::, IPv4 clients are served and named without ports")
    func addresses() throws {
        let peers = LockedValue<[String]>([])
        let handler = TestHandler(handle: { request, exchange in
            peers.update { $0.append(request.head.peer) }
            exchange.respond(Response(status: 200))
        })
        let server: HTTPServer
        do { server = try startServer(handler) { $0.host = "::" } } catch HTTPServerError.cannotBind {
            return  // No IPv6 in this system.
        }
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        #expect(try client.readAnswer().status == 200)
        #expect(peers.get() == ["127.0.0.1"])
    }
}
