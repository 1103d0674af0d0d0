import Foundation
import HTTPServer
import TestSupport
import Testing

@Suite("Plain requests", .ownThread)
struct RequestTests {
    let handler = TestHandler()

    @Test("A GET is answered with its decoded path and query, in order")
    func get() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET /a%20b/%C3%BC?x=1&&y=a+b%2B&x=2&flag& HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.readAnswer()
        #expect(answer.status == 200)
        #expect(answer.text == "GET /a b/ü\n? x=1\n? y=a b+\n? x=2\n? flag=")
        #expect(answer.headers["Date"] != nil)
        #expect(handler.waitForCompletions(1)?.first?.status == 200)
        #expect(handler.completionCount == 1)
    }

    @Test("The handler gets the label of a sent response, and the client does not")
    func label() throws {
        let handler = TestHandler(handle: { $1.respond(Response(status: 409, body: Array("no".utf8), label: "secret")) }
        )
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.readAnswer()
        #expect(answer.text == "no")
        #expect(!answer.headers.fields.contains { $0.value == "secret" })
        let completion = try #require(handler.waitForCompletions(1)?.first)
        #expect(completion.status == 409 && completion.label == "secret")
    }

    @Test("HEAD is answered like GET, without the body")
    func head() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.readAnswer(hasBody: false)
        #expect(answer.status == 200)
        #expect(answer.headers["Content-Length"] == "7")
        #expect(try client.readAnswer().text == "GET /b")
    }

    @Test("Pipelined requests are answered in order")
    func pipelining() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send((0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for index in 0..<20 { #expect(try client.readAnswer().text == "GET /\(index)") }
        #expect(handler.waitForCompletions(20)?.count == 20)
    }

    @Test("A safe X-Request-ID is kept, any other is replaced")
    func requestID() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        func id(sending line: String) throws -> String? {
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n")
            return try client.readAnswer().headers["X-Request-ID"]
        }
        #expect(try id(sending: "X-Request-ID: job-7.a_B\r\n") == "job-7.a_B")
        let long = String(repeating: "a", count: 65)
        for line in ["X-Request-ID: \(long)\r\n", "X-Request-ID: a b\r\n", "X-Request-ID: \r\n", ""] {
            let made = try #require(try id(sending: line))
            #expect(made.count == 16 && made.allSatisfy(\.isHexDigit), "\(line) gave \(made)")
        }
    }

    @Test(
        "A target that is not percent-encoded UTF-8 or has a NUL is refused",
        arguments: ["/%", "/%4", "/%zz", "/%00x", "/%ff", "/?a=%00", "/?%fe=1"])
    func badTarget(target: String) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.readAnswer()
        #expect(answer.status == 400)
        #expect(try client.isClosedByServer())
    }

    @Test("After a refused request without a body, the connection stays open")
    func refusal() throws {
        let handler = TestHandler(admit: { head in
            head.path == "/" ? .accept(maximumBodyBytes: 0) : .refuse(Response(status: 404))
        })
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET /none HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.readAnswer().status == 404)
        #expect(try client.readAnswer().status == 200)
    }

    @Test("The body of a GET is read and ignored")
    func bodyOfGet() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(
            "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.readAnswer().text == "GET /a")
        #expect(try client.readAnswer().text == "GET /b")
    }

    @Test("The path of a target in absolute form is used")
    func absoluteForm() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET http://a:5000/x?y=1 HTTP/1.1\r\nHost: a\r\n\r\nGET http://a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.readAnswer().text == "GET /x\n? y=1")
        #expect(try client.readAnswer().text == "GET /")
    }

    @Test("Invalid header fields are not sent, and an invalid status becomes 500")
    func badResponse() throws {
        let handler = TestHandler(handle: { _, exchange in
            exchange.respond(
                Response(
                    status: 42, headers: ["X-Split": "a\r\nX-Evil: 1", "Content-Length": "999", "X-Good": "1"],
                    body: [65]))
        })
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.readAnswer()
        #expect(answer.status == 500)
        #expect(answer.headers["X-Split"] == nil && answer.headers["X-Evil"] == nil)
        #expect(answer.headers["X-Good"] == "1")
        #expect(answer.text == "A")
    }

    @Test("Each of fifty concurrent clients gets its own answer")
    func concurrency() throws {
        let handler = TestHandler(handle: { request, exchange in
            Thread.detachNewThread { exchange.respond(TestHandler.describe(request)) }
        })
        let server = try handler.startServer()
        defer { server.stop() }
        let clients = try (0..<50).map { _ in try TestClient(port: server.port) }
        for (index, client) in clients.enumerated() {
            try client.send("GET /\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        // Read in reverse order: no answer may depend on another being read first.
        for (index, client) in clients.enumerated().reversed() {
            #expect(try client.readAnswer().text == "GET /\(index)")
        }
        #expect(handler.waitForCompletions(50)?.count == 50)
        server.stop()
        #expect(server.liveRequestCount == 0)
    }
}
