import Glibc
import HTTPServer
import TestSupport
import Testing

@Suite("Body framing", .ownThread)
struct FramingTests {
    /// Heads for which two HTTP parsers can disagree about where the body ends.
    static let ambiguousHeads = [
        "two Content-Lengths": "Host: a\r\nContent-Length: 3\r\nContent-Length: 30\r\n",
        "one Content-Length twice": "Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n",
        "Transfer-Encoding and Content-Length": "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length and Transfer-Encoding": "Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "gzip": "Host: a\r\nTransfer-Encoding: gzip\r\n",
        "gzip, chunked": "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n",
        "chunked twice": "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "chunked and a blank": "Host: a\r\nTransfer-Encoding: chunked \r\n",
        "a vertical tab before chunked": "Host: a\r\nTransfer-Encoding: \u{0B}chunked\r\n",
        "a blank before the colon": "Host: a\r\nContent-Length : 3\r\n",
        "a name with brackets": "Host: a\r\nContent(Length): 3\r\n",
        "a bare carriage return in a value": "Host: a\r\nX-A: b\rContent-Length: 3\r\n",
        "two Hosts": "Host: a\r\nHost: b\r\n",
        "two Content-Types": "Host: a\r\nContent-Type: text/plain\r\nContent-Type: multipart/form-data\r\n",
        "no Host": "X-A: b\r\n",
        "a header line without a colon": "Host: a\r\nContent-Length\r\n",
    ]

    @Test(
        "A head that does not clearly say where the body ends is answered with 400, and the connection is closed",
        arguments: ambiguousHeads)
    func ambiguousHead(name: String, fields: String) throws {
        let handler = TestHandler()
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("POST / HTTP/1.1\r\n\(fields)\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answers = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(answers.hasPrefix("HTTP/1.1 400 "), "\(answers)")
        #expect(answers.ranges(of: "HTTP/1.1 ").count == 1, "\(answers)")
        #expect(answers.contains("\r\nConnection: close\r\n"), "\(answers)")
        #expect(!answers.contains("/smuggled"))
    }

    @Test(
        "A Content-Length that is no number or too large is answered once by the handler, and the connection is closed",
        arguments: [
            "-1", "+3", "3, 3", "0x3", "", "3 ", "99999999999999999999999",
        ])
    func malformedContentLength(length: String) throws {
        let handler = TestHandler()
        let server = try handler.startServer()
        defer { server.stop() }
        // Its head has not arrived completely: the refusal must not hit it.
        let other = try TestClient(port: server.port)
        try other.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n")
        try other.send("Content-Length: 3\r\n")
        let client = try TestClient(port: server.port)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nX-Request-ID: b\r\n")
        try client.send(
            "Content-Length: \(length)\r\nX-C: d\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answers = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(answers.hasPrefix("HTTP/1.1 400 "), "\(answers)")
        #expect(answers.contains("\r\nConnection: close\r\n"), "\(answers)")
        #expect(answers.contains("\r\nX-Request-ID: b\r\n") && answers.contains("malformedHead"), "\(answers)")
        #expect(answers.ranges(of: "HTTP/1.1 ").count == 1 && !answers.contains("/smuggled"), "\(answers)")
        #expect(handler.waitForCompletions(1)?.map(\.status) == [400])
        try other.send("\r\na=b")
        #expect(try other.readAnswer().status == 200)
    }

    @Test("A refused length does not touch connections that end at the same time", .timeLimit(.minutes(5)))
    func refusedLengthAmongEndingConnections() throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        for _ in 0..<300 {
            let clients = try (0..<8).map { _ in try TestClient(port: server.port) }
            for (index, client) in clients.enumerated() {
                switch index % 4 {
                case 0: try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                case 1: try client.send("GET / HTTP/1.1\r\nHost: a\r\nX: y")
                case 2: try client.send("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n")
                default: try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n")
                }
                if index % 4 != 3 { client.finishSending() }
            }
            #expect(try clients[3].readAnswer().status == 400)
            #expect(try clients[7].readAnswer().status == 400)
        }
    }

    @Test("Transfer-Encoding in HTTP/1.0 is refused")
    func transferEncodingInOldVersion() throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        #expect(try String(decoding: client.readToEnd(), as: UTF8.self).contains(" 400 "))
    }

    @Test(
        "A head that libmicrohttpd shows in part is refused, and what follows is not read",
        arguments: [
            "GET\0X / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?a b HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /?a\rb HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\n:x\n",
            "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?a=\0\0 HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\n: \n", "POST / HTTP/1.1\r\nHost: a\n\0x\nContent-Length: 40\r\n\r\n",
        ])
    func hiddenHead(head: String) throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answers = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(answers.hasPrefix("HTTP/1.1 400 ") && answers.ranges(of: "HTTP/1.1 ").count == 1, "\(answers)")
    }

    @Test("After a chunked request the connection is closed, as readers disagree about the ends of chunks")
    func closedAfterChunks() throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\na=b\n0\n\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answers = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(answers.ranges(of: "HTTP/1.1 ").count == 1 && !answers.contains("/smuggled"), "\(answers)")
        #expect(answers.contains("\r\nConnection: close\r\n"))
    }

    @Test(
        "A head that is too long or of another protocol is refused",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\nX-A: #\r\n\r\n", 431), ("GET /# HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET / FTP/1.1\r\nHost: a\r\n\r\n", 400),
            ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ])
    func foreignHead(head: String, status: Int) throws {
        let handler = TestHandler()
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        // Sending may fail, because the server may close the connection early.
        try? client.send(head.replacing("#", with: String(repeating: "a", count: 200_000)))
        #expect(try client.readAnswer().status == status)
        // libmicrohttpd has answered it, and the handler was told.
        #expect(handler.waitForCompletions(1)?.map(\.status) == [status])
    }

    @Test(
        "A chunk whose size is not hexadecimal, or whose extension does not fit into memory, is refused",
        arguments: [("xyz\r\n", 400), ("3;#\r\na=b\r\n0\r\n\r\n", 500)])
    func unusableChunk(chunk: String, status: Int) throws {
        let handler = TestHandler()
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n")
        // Sending may fail, because the server may close the connection early.
        try? client.send(chunk.replacing("#", with: String(repeating: "a", count: 200_000)))
        #expect(try client.readAnswer().status == status)
        // libmicrohttpd has answered it, and the handler was told.
        #expect(handler.waitForCompletions(1)?.map(\.status) == [status])
    }

    @Test("Valid framing is read correctly")
    func validFraming() throws {
        func framing(_ fields: Headers) throws -> BodyFraming {
            var headers = fields
            headers.append("Host", "a")
            return try BodyFraming(method: "POST", version: "HTTP/1.1", headers: headers)
        }
        #expect(try framing([:]) == .none)
        #expect(try framing(["content-length": "0"]) == .none)
        #expect(try framing(["CONTENT-LENGTH": "18446744073709551615"]) == .length(.max))
        #expect(try framing(["Transfer-Encoding": "Chunked"]) == .chunked)
    }

    @Test(
        "A head of which libmicrohttpd would hide a part is refused, and what follows is not read as a request",
        arguments: [
            "Content-Length:\r\n 30\r\n", "Content-Length: 30\r\n \r\n", "X: y\r\n z\r\nA: b\r\n", "X: y\r\n\tz\r\n",
            "X: y\nContent-Length: 30\r\n", ": y\r\nContent-Length: 30\r\n", "X: y\0z\r\n", "X: y\nA: b\r\n",
        ])
    func hiddenBytes(field: String) throws {
        let handler = TestHandler()
        let server = try handler.startServer()
        defer { server.stop() }
        for (before, after) in [("", ""), ("A: b\r\n", "C: d\r\n")] {
            let client = try TestClient(port: server.port)
            try client.send(
                "POST / HTTP/1.1\r\nHost: a\r\n\(before)\(field)\(after)\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
            #expect(!answer.contains("/smuggled") && !answer.contains("HTTP/1.1 200"), "\(answer)")
        }
    }

    @Test("A NUL in the target is refused", arguments: ["/a\0x", "/a?b\0c", "/a?b=c\0d", "/a?b=c&d\0&e=f", "/\0\0x"])
    func hiddenTarget(target: String) throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.readAnswer().status == 400)
    }

    @Test(
        "Usual heads are whole, however they arrive",
        arguments: [
            "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /a? HTTP/1.1\r\nHost:a\r\nX:   y  \r\nEmpty:\r\nBlank:  \r\n\r\n",
            "GET /a?b&c=&d=e&&f=g& HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\n\r\n",
            "GET http://a/a?b=%20 HTTP/1.1\r\nHost: a\r\n\r\n", "\r\nGET /a HTTP/1.0\r\n\r\n",
            "GET /a HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 60_000))\r\nY: z\r\n\r\n",
        ])
    func wholeHeads(head: String) throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        let isPersistent = !head.contains("HTTP/1.0")
        for size in isPersistent ? [head.utf8.count, 7, 1000] : [head.utf8.count] {
            var rest = Array(head.utf8)[...]
            while !rest.isEmpty {
                // Pieces of 7 bytes of a long head would take too long.
                let count = rest.count > 5000 ? min(5000, max(size, 1000)) : size
                try client.send(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
                usleep(1000)
            }
            #expect(try client.readAnswer().status == 200)
        }
    }

    @Test("A query of a thousand parameters is answered")
    func manyParameters() throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("GET /a?\(String(repeating: "a=b&", count: 1000)) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.readAnswer().status == 200)
    }
}
