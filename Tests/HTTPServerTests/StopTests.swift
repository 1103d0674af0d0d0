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
        "Stopping cancels waiting requests, sends 503 to their clients, and leaves nothing in memory",
        arguments: [1, 4])
    func stopWithWaitingRequests(threads: Int) throws {
        let server = try handler.startServer { $0.threads = threads }
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

    @Test("The answer of a server that stops does not let browsers guess its type")
    func stoppingAnswer() throws {
        let server = try handler.startServer()
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        _ = try #require(exchanges.take())
        server.stop()
        #expect(try client.readAnswer().headers["X-Content-Type-Options"] == "nosniff")
    }

    @Test("Stopping while requests are refused does not end the process", .timeLimit(.minutes(2)))
    func stopWhileRefusing() throws {
        // Some stops come just while libmicrohttpd makes its own answer.
        for delay in 0..<200 {
            let server = try handler.startServer()
            let clients = try (0..<4).map { _ in try TestClient(port: server.port) }
            for client in clients { try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n") }
            usleep(UInt32(delay * 5))
            server.stop()
        }
    }

    @Test("After stopAccepting, new connections are refused, and open ones are closed after their answer")
    func stopAccepting() throws {
        let server = try handler.startServer()
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

    @Test("Stopping waits for responses that are being sent")
    func stopWhileSending() throws {
        let server = try handler.startServer { $0.stopGrace = .seconds(WaitLimit.seconds) }
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
        #expect(isStopped.wait(timeout: WaitLimit.deadline) == .success)
    }

    @Test("Stopping does not wait longer than stopGrace for a client that does not read")
    func stopWithStuckClient() throws {
        let server = try handler.startServer { $0.stopGrace = .milliseconds(50) }
        let client = try TestClient(port: server.port, receiveBuffer: 4096)
        try client.send(Self.get)
        try #require(exchanges.take()).respond(Response(status: 200, body: [UInt8](repeating: 1, count: 64 << 20)))
        server.stop()
        #expect(handler.waitForCompletions(1)?.map(\.status) == [nil])
        #expect(try client.readToEnd().count < 64 << 20)
    }

    @Test("Servers can be stopped while clients keep sending requests")
    func stopUnderLoad() throws {
        for _ in 0..<20 {
            let handler = TestHandler(handle: { _, exchange in
                Thread.detachNewThread { exchange.respond(Response(status: 200)) }
            })
            let server = try handler.startServer()
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
            for _ in 0..<20 { #expect(answered.wait(timeout: WaitLimit.deadline) == .success) }
            server.stop()
            #expect(isDone.wait(timeout: WaitLimit.deadline) == .success)
            #expect(server.liveRequestCount == 0)
        }
    }

    @Test("A response that is given after the stop is not sent")
    func lateResponse() throws {
        let server = try handler.startServer()
        let client = try TestClient(port: server.port)
        try client.send(Self.get)
        let exchange = try #require(exchanges.take())
        server.stop()
        exchange.respond(Response(status: 200))
        #expect(try client.readAnswer().status == 503)
    }

    @Test("An address that is in use or invalid is an error that names it")
    func cannotBind() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        #expect(
            throws: HTTPServerError.cannotBind(host: "127.0.0.1", port: server.port, reason: "Address already in use")
        ) {
            try handler.startServer { $0.port = server.port }
        }
        #expect(
            throws: HTTPServerError.cannotBind(
                host: "localhost", port: 0, reason: "the host is not an IPv4 or IPv6 address")
        ) {
            try handler.startServer { $0.host = "localhost" }
        }
    }

    @Test("A port is free again once its server has stopped")
    func rebinding() throws {
        // Another program may take the port in the meantime, so try several times.
        for attempt in 1...10 {
            let first = try handler.startServer()
            let client = try TestClient(port: first.port)
            try client.send(Self.get)
            first.stop()
            do {
                let second = try handler.startServer { $0.port = first.port }
                second.stop()
                #expect(second.port == first.port)
                return
            } catch {
                #expect(attempt < 10, "\(error)")
            }
        }
    }

    @Test("A property that is out of range is an error that names it")
    func invalidConfiguration() throws {
        let changes: [(String, (inout HTTPServerConfiguration) -> Void)] = [
            ("port", { $0.port = 65536 }), ("connectionLimit", { $0.connectionLimit = 0 }),
            ("connectionReserve", { $0.connectionReserve = 0 }),
            ("connectionLimitPerAddress", { $0.connectionLimitPerAddress = 0 }), ("threads", { $0.threads = 0 }),
            ("idleTimeout", { $0.idleTimeout = .milliseconds(999) }), ("uploadDeadline", { $0.uploadDeadline = .zero }),
            ("connectionMemory", { $0.connectionMemory = 0 }), ("maximumFormFields", { $0.maximumFormFields = 0 }),
        ]
        for (property, change) in changes {
            let error = #expect(throws: HTTPServerError.self) { try handler.startServer(configure: change) }
            guard case .invalidConfiguration(property, _, _) = error else {
                Issue.record("\(property): \(String(describing: error))")
                continue
            }
        }
    }

    @Test(
        "A server on :: accepts IPv4 clients and gives their IPv4 addresses to the handler",
        .enabled(if: IPv6.isSupported, "this machine has no IPv6"))
    func mappedAddress() throws {
        #expect(try peers(onIPv6: false) == ["127.0.0.1"])
    }

    @Test(
        "A server on :: gives the addresses of IPv6 clients to the handler",
        .enabled(if: IPv6.hasLoopback, "this machine has no address ::1"))
    func ipv6Address() throws {
        #expect(try peers(onIPv6: true) == ["::1"])
    }

    /// The client addresses that the handler of a server on :: gets.
    private func peers(onIPv6 isIPv6: Bool) throws -> [String] {
        let peers = LockedValue<[String]>([])
        let handler = TestHandler(handle: { request, exchange in
            peers.update { $0.append(request.head.peer) }
            exchange.respond(Response(status: 200))
        })
        let server = try handler.startServer { $0.host = "::" }
        defer { server.stop() }
        let client = try TestClient(port: server.port, isIPv6: isIPv6)
        try client.send(Self.get)
        #expect(try client.readAnswer().status == 200)
        return peers.get()
    }
}
