import Foundation
import HTTPServer
import TestSupport
import Testing

/// One character longer than RFC 2046 allows. A constant, because the compiler takes too long with it in a long list.
private let longBoundary = String(repeating: "x", count: 71)

@Suite("Forms", .ownThread)
struct FormTests {
    let handler = TestHandler(
        admit: { _ in .accept(maximumBodyBytes: 64 << 20) })

    static let multipart =
        "preamble\r\n--AaB03x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a b.jpg\"\r\n"
        + "Content-Type: image/jpeg\r\n\r\n\r\n--AaB03\r\n-\r\nx--\r\n--AaB03x\r\n"
        + "Content-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--AaB03x\r\n"
        + "Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--AaB03x\r\n"
        + "Content-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--AaB03x--\r\n"
    static let multipartFields =
        "POST /\n# image|a b.jpg|image/jpeg|\r\n--AaB03\r\n-\r\nx--\n# empty|-|-|\n# a|-|-|1\n# a|-|-|2"

    /// Blanks, cases, orders and parameters as real clients send them; empty parts; what looks like a boundary.
    static let unusual =
        "\r\n--AaB03x \t\r\nContent-Type: text/plain\r\ncontent-disposition :form-data;Name = image\r\n\r\n"
        + "--AaB03xx\r\n--AaB03x\r\nX-Other: 1\r\n"
        + "Content-Disposition: form-data; filename=\"a;\\\"b.jpg\";\r\n\tname=\"f\"\r\n"
        + "Content-Transfer-Encoding: binary\r\n\r\n\r--AaB03x\r\n-\r\n--AaB03x\r\n"
        + "Content-Disposition: form-data; name=u; filename=\"x\"; filename*=UTF-8\'\'%e2%82%ac.png\r\n\r\n"
        + "--AaB03x--ignored\r\n--AaB03x\r\n"
    static let unusualFields =
        "POST /\n# image|-|text/plain|--AaB03xx\n# f|a;\"b.jpg|-|\r--AaB03x\r\n-\n# u|€.png|-|"

    static let urlEncoded = "a=1&b+c=%C3%BC+%2B&empty=&a=2&flag"
    static let urlEncodedFields = "POST /\n# a|-|-|1\n# b c|-|-|ü +\n# empty|-|-|\n# a|-|-|2\n# flag|-|-|"

    private func head(_ type: String, _ framing: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\n\(framing)\r\n\r\n"
    }

    private func post(_ type: String, _ body: [UInt8], to server: HTTPServer) throws -> TestClient.Answer {
        let client = try TestClient(port: server.port)
        try client.send(Array(head(type, "Content-Length: \(body.count)").utf8) + body)
        return try client.readAnswer()
    }

    @Test(
        "A form gives the same fields wherever its body is split",
        arguments: [
            ("multipart/form-data; boundary=AaB03x", multipart, multipartFields),
            ("multipart/form-data; charset=utf-8; boundary=\"AaB03x\"", multipart, multipartFields),
            ("Multipart/Form-Data ;BOUNDARY = AaB03x; charset=utf-8;", multipart, multipartFields),
            ("multipart/form-data; boundary=AaB03x", unusual, unusualFields),
            ("application/x-www-form-urlencoded", urlEncoded, urlEncodedFields),
            ("Application/X-WWW-Form-URLEncoded; charset=UTF-8", urlEncoded, urlEncodedFields),
        ])
    func splits(type: String, body: String, fields: String) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let bytes = Array(body.utf8)
        func chunk(_ bytes: some Collection<UInt8>) -> [UInt8] {
            bytes.isEmpty ? [] : Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
        }
        func post(_ chunks: [UInt8]) throws -> String {
            let client = try TestClient(port: server.port)
            try client.send(Array(head(type, "Transfer-Encoding: chunked").utf8) + chunks + Array("0\r\n\r\n".utf8))
            return try client.readAnswer().text
        }
        // libmicrohttpd passes on each chunk by itself, so the chunks are the pieces that the parser gets.
        for offset in 0...bytes.count {
            #expect(try post(chunk(bytes[..<offset]) + chunk(bytes[offset...])) == fields, "split at \(offset)")
        }
        #expect(try post(bytes.flatMap { chunk([$0]) }) == fields, "byte by byte")
        #expect(try self.post(type, bytes, to: server).text == fields, "in one piece")
    }

    @Test(
        "All bytes of a binary file arrive, for sizes around that of the parser's buffer",
        arguments: [
            0, 1, 16_383, 16_384, 16_385, 65_536, 1_000_003, 5_000_000,
        ])
    func binaryFile(size: Int) throws {
        let received = LockedValue<[UInt8]?>(nil)
        let handler = TestHandler(
            admit: { _ in .accept(maximumBodyBytes: 64 << 20) },
            handle: { request, exchange in
                received.set(request.form.first?.value)
                exchange.respond(Response(status: 200))
            })
        let server = try handler.startServer()
        defer { server.stop() }
        var random = SplitMix64(seed: UInt64(size))
        var file = [UInt8]()
        file.reserveCapacity(size)
        while file.count < size {
            // Many line ends and dashes, because these begin boundaries.
            let choice = random.next() % 8
            file.append(choice < 4 ? [13, 10, 45, 45][Int(choice)] : UInt8(truncatingIfNeeded: random.next()))
        }
        let body =
            Array("--b\u{27}1\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n".utf8) + file
            + Array("\r\n--b\u{27}1--\r\n".utf8)
        #expect(try post("multipart/form-data; boundary=b'1", body, to: server).status == 200)
        #expect(received.get() == .some(file), "\(size) bytes")
    }

    @Test(
        "A file can have any name",
        arguments: [
            Array("K\u{E4}tzchen \u{5199}\u{771F}.jpg".utf8), Array(repeating: UInt8(ascii: "n"), count: 1000),
            // Latin-1, and an incomplete character of UTF-8.
            [0x4B, 0xE4, 0x2E, 0x6A, 0x70, 0x67], [0xC3],
        ])
    func fileNames(name: [UInt8]) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let body =
            Array("--bb\r\nContent-Disposition: form-data; name=\"f\"; filename=\"".utf8) + name
            + Array("\"\r\n\r\nx\r\n--bb--\r\n".utf8)
        let answer = try post("multipart/form-data; boundary=bb", body, to: server)
        #expect(answer.text == "POST /\n# f|\(String(decoding: name, as: UTF8.self))|-|x")
    }

    @Test("A multipart form that ends too early is refused")
    func truncatedMultipart() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let bytes = Array(Self.multipart.utf8)
        // The form is complete with its last dash. The line end after it is optional.
        for count in 1..<(bytes.count - 2) {
            let answer = try post("multipart/form-data; boundary=AaB03x", Array(bytes[..<count]), to: server)
            #expect(answer.status == 400, "cut after \(count): \(answer.text)")
        }
        #expect(try post("multipart/form-data; boundary=AaB03x", Array(bytes.dropLast(2)), to: server).status == 200)
    }

    private static let malformedForms: [(type: String, body: String)] = [
        ("multipart/form-data; boundary=bb", "--bb\r\nContent-Disposition: form-data\r\n\r\nx\r\n--bb--\r\n"),
        ("multipart/form-data; boundary=bb", "--bb\r\nContent-Disposition: form-data; name=\"\u{1}"),
        ("multipart/form-data; boundary=other", multipart),
        ("multipart/form-data", multipart), ("multipart/form-data; boundary=", multipart),
        ("multipart/form-data; boundary=\"\"", multipart), ("multipart/form-data; boundary=\"", multipart),
        ("multipart/form-data; boundary=\"AaB03x \"", multipart),
        ("multipart/form-data; boundary=bb", "--bb\nContent-Disposition: form-data; name=\"x\"\n\nx\n--bb--\n"),
        ("multipart/form-data; boundary=bb", "--bb\r\nno colon\r\n\r\nx\r\n--bb--\r\n"),
        ("multipart/form-data; boundary=bb", "--bb\r\nContent-Type: text/plain\r\n\r\nx\r\n--bb--\r\n"),
        (
            "multipart/form-data; boundary=bb",
            "--bb\r\nContent-Disposition: form-data; name=\"x\r\n\r\nx\r\n--bb--\r\n"
        ),
        (
            "multipart/form-data; boundary=bb",
            "--bb\(String(repeating: " ", count: 2000))\r\n"
                + "Content-Disposition: form-data; name=x\r\n\r\nx\r\n--bb--"
        ),
        ("multipart/form-data; boundary=\(longBoundary)", multipart),
        ("multipart/form-data; xboundary=AaB03x", multipart),
        (
            "multipart/form-data; boundary=bb",
            "--bb\r\nContent-Disposition: form-data; name=\"x\"\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\neA==\r\n--bb--\r\n"
        ),
        (
            "multipart/form-data; boundary=bb",
            "--bb\r\nContent-Disposition: form-data; name=\"\(String(repeating: "n", count: 300))\"\r\n\r\n"
                + "x\r\n--bb--\r\n"
        ),
        (
            "multipart/form-data; boundary=bb",
            "--bb\r\nX: \(String(repeating: "n", count: 40_000))\r\n\r\nx\r\n--bb--\r\n"
        ),
        (
            "multipart/form-data; boundary=bb",
            "--bbx\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nx\r\n--bb--\r\n"
        ),
        ("application/x-www-form-urlencoded", "=1"), ("application/x-www-form-urlencoded", "a=%4"),
        ("application/x-www-form-urlencoded", "%zz=1"),
        ("application/x-www-form-urlencoded", (0...64).map { "a\($0)=1" }.joined(separator: "&")),
    ]

    @Test("A malformed form is refused", arguments: malformedForms)
    func malformedForm(type: String, body: String) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let answer = try post(type, Array(body.utf8), to: server)
        #expect(answer.status == 400, "\(answer.text)")
        #expect(answer.text.hasPrefix("malformedForm"))
    }

    @Test(
        "The boundary can be anything that RFC 2046 allows, and tokens beyond it, anywhere among the parameters",
        arguments: [
            ("b", "b"), ("\"b\"", "b"), ("\"a b\"; x=1", "a b"),
            ("*&=1!#$%^_`{|}~'()+,-./:=?", "*&=1!#$%^_`{|}~'()+,-./:=?"),
            ("\"a;b\"", "a;b"), ("\"q\\\"\"", "q\""),
            (String(repeating: "x", count: 70), String(repeating: "x", count: 70)),
        ])
    func boundaries(parameter: String, boundary: String) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let body = "--\(boundary)\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--\(boundary)--"
        for type in [
            "multipart/form-data; boundary=\(parameter)", "multipart/form-data;boundary=\(parameter);charset=x",
        ] {
            #expect(try post(type, Array(body.utf8), to: server).text == "POST /\n# a|-|-|1", "\(type)")
        }
    }

    @Test("A form without fields is a form")
    func emptyForm() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        #expect(try post("multipart/form-data; boundary=b", Array("--b--\r\n".utf8), to: server).text == "POST /")
        #expect(try post("application/x-www-form-urlencoded", Array("&&".utf8), to: server).text == "POST /")
    }

    @Test(
        "A refused form is told what is wrong with it",
        arguments: [
            ("--b\nContent-Disposition: form-data; name=\"x\"\n\nx\n--b--\n", "line feed alone"),
            ("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nx\r\n", "its last boundary is missing"),
            ("--c\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nx\r\n--c--", "does not contain the boundary"),
            ("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", "has no name"),
        ])
    func reasons(body: String, reason: String) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let answer = try post("multipart/form-data; boundary=b", Array(body.utf8), to: server)
        #expect(answer.status == 400)
        #expect(answer.text.contains(reason), "\(answer.text)")
    }

    @Test("A compressed body is refused as such")
    func compressed() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send(
            head("multipart/form-data; boundary=b", "Content-Encoding: gzip\r\nContent-Length: 3") + "\u{1F}xx")
        let answer = try client.readAnswer()
        #expect(answer.status == 415)
        #expect(answer.text.contains("gzip"))
    }

    @Test("A handler that takes files gets a body of any other type as it is")
    func file() throws {
        let received = LockedValue<[UInt8]?>(nil)
        let handler = TestHandler(
            admit: { _ in .accept(maximumBodyBytes: 1 << 20, takesFiles: true) },
            handle: { request, exchange in
                if case .file(let bytes) = request.body { received.set(bytes) }
                exchange.respond(Response(status: 200))
            })
        let server = try handler.startServer()
        defer { server.stop() }
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        #expect(try post("image/jpeg", bytes, to: server).status == 200)
        #expect(received.get() == .some(bytes))
    }

    @Test("A field name that is not UTF-8 is refused")
    func nameThatIsNotUTF8() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        #expect(try post("application/x-www-form-urlencoded", Array("%ff=1".utf8), to: server).status == 400)
    }

    @Test(
        "A body with another media type is refused, unless it is empty",
        arguments: ["text/plain", "image/jpeg", "multipart/mixed; boundary=bb"])
    func otherType(type: String) throws {
        let server = try handler.startServer()
        defer { server.stop() }
        #expect(try post(type, Array("hello".utf8), to: server).status == 415)
        #expect(try post(type, [], to: server).text == "POST /")
        let client = try TestClient(port: server.port)
        try client.send(head(type, "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n")
        #expect(try client.readAnswer().status == 415)
        let empty = try TestClient(port: server.port)
        try empty.send(head(type, "Transfer-Encoding: chunked") + "0\r\n\r\n")
        #expect(try empty.readAnswer().text == "POST /")
    }

    @Test("A body without a media type is refused")
    func noType() throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let client = try TestClient(port: server.port)
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        #expect(try client.readAnswer().status == 415)
    }

    @Test("Forms from curl arrive correctly")
    func curl() async throws {
        let server = try handler.startServer()
        defer { server.stop() }
        let url = "http://127.0.0.1:\(server.port)/"
        let sent = try await TestFiles.withDirectory { directory in
            let file = directory.appending(path: "form.bin")
            try Data(repeating: 7, count: 3_000_000).write(to: file)
            return try await runCurl(
                ["-F", "image=@\(file.path);type=image/jpeg;filename=p.jpg", "-F", "seed=5", url])
        }
        #expect(sent == "POST /\n# image|p.jpg|image/jpeg|3000000 bytes\n# seed|-|-|5")
        let encoded = try await runCurl(["--data-urlencode", "a=x y&=", "-d", "b=1", url])
        #expect(encoded == "POST /\n# a|-|-|x y&=\n# b|-|-|1")
    }

    private func runCurl(_ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "\(WaitLimit.seconds)"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return result.text
    }
}
