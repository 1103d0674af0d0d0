import HTTPServer
import Testing

@Suite("Framing guard")
struct FramingTests {
    /// Heads on which two HTTP parsers can disagree about where the body ends.
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
        "a name that is no token": "Host: a\r\nContent(Length): 3\r\n",
        "an empty name": "Host: a\r\n: 3\r\n",
        "a bare carriage return in a value": "Host: a\r\nX-A: b\rContent-Length: 3\r\n",
        "two Hosts": "Host: a\r\nHost: b\r\n",
        "two Content-Types": "Host: a\r\nContent-Type: text/plain\r\nContent-Type: multipart/form-data\r\n",
        "no Host": "X-A: b\r\n",
        "a negative Content-Length": "Host: a\r\nContent-Length: -1\r\n",
        "a signed Content-Length": "Host: a\r\nContent-Length: +3\r\n",
        "a list of Content-Lengths": "Host: a\r\nContent-Length: 3, 3\r\n",
        "a hexadecimal Content-Length": "Host: a\r\nContent-Length: 0x3\r\n",
        "an empty Content-Length": "Host: a\r\nContent-Length: \r\n",
        "a header line without a colon": "Host: a\r\nContent-Length\r\n",
    ]

    @Test("A head that leaves the body's end in doubt is answered 400 and its connection closed", arguments: ambiguousHeads)
    func ambiguousHead(name: String, fields: String) throws {
        let handler = TestHandler()
        let server = try startServer(handler)
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("POST / HTTP/1.1\r\n\(fields)\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        let answers = String(decoding: try client.readToEnd(), as: UTF8.self)
        #expect(answers.hasPrefix("HTTP/1.1 400 "), "\(answers)")
        #expect(answers.ranges(of: "HTTP/1.1 ").count == 1, "\(answers)")
        #expect(answers.contains("\r\nConnection: close\r\n"), "\(answers)")
        #expect(!answers.contains("/smuggled"))
    }

    @Test("Transfer-Encoding in HTTP/1.0 is refused")
    func transferEncodingInOldVersion() throws {
        let server = try startServer(TestHandler())
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        #expect(try String(decoding: client.readToEnd(), as: UTF8.self).contains(" 400 "))
    }

    @Test("A Content-Length past 64 bits is refused")
    func hugeContentLength() throws {
        let server = try startServer(TestHandler())
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n")
        #expect(try client.readAnswer().status == 413)
        #expect(try client.isClosedByServer())
    }

    @Test("A head longer than the connection's memory, or another protocol, is refused", arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nX-A: \(String(repeating: "a", count: 100_000))\r\n\r\n",
        "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / FTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func foreignHead(head: String) throws {
        let server = try startServer(TestHandler())
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(head)
        #expect([400, 414, 431, 505].contains(try client.readAnswer().status))
    }

    @Test("Chunks that are not hexadecimal are refused")
    func malformedChunk() throws {
        let handler = TestHandler()
        let server = try startServer(handler)
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n")
        #expect(try client.readAnswer().status == 400)
        #expect(handler.waitForCompletions(1)?.first?.status == 400)
    }

    @Test("The guard reads every sound framing")
    func soundFraming() throws {
        func framing(_ headers: Headers) throws -> BodyFraming {
            try BodyFraming(method: "POST", version: "HTTP/1.1", headers: headers)
        }
        #expect(try framing([:]) == .none)
        #expect(try framing(["content-length": "0"]) == .none)
        #expect(try framing(["CONTENT-LENGTH": "18446744073709551615"]) == .length(.max))
        #expect(try framing(["Transfer-Encoding": "Chunked"]) == .chunked)
    }
}
