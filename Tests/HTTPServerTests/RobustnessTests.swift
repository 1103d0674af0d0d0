import HTTPServer
import TestSupport
import Testing

@Suite("Robustness", .ownThread)
struct RobustnessTests {
    private static let pieces = [
        "GET / HTTP/1.1\r\n", "POST /x?a=1&b HTTP/1.1\r\n", "HEAD * HTTP/1.0\r\n", "Host: a\r\n", "\r\n", "\n", "\r",
        "Content-Length: 10\r\n", "Content-Length: -5\r\n", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n",
        "0\r\n\r\n", "ffffffffffffffffff\r\n", "Content-Type: multipart/form-data; boundary=bb\r\n", "--bb\r\n",
        "--bb--\r\n", "Content-Disposition: form-data; name=\"x\"\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=cc\r\n",
        "--cc\r\n", "Content-Type: application/x-www-form-urlencoded\r\n", "a=%4", "%", "&&==",
        "Expect: 100-continue\r\n",
        " folded\r\n", "\0", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]

    @Test("The server survives 500 connections with garbage, and nothing stays in memory")
    func garbage() throws {
        let handler = TestHandler()
        let server = try handler.startServer {
            $0.discardedBodyBytes = 1000
            // libmicrohttpd does not notice the end of some connections that end within a head before this timeout.
            $0.idleTimeout = .seconds(1)
        }
        defer { server.stop() }
        var random = SplitMix64(seed: 20_240_607)
        for _ in 0..<5 {
            let clients = try (0..<100).map { _ in
                let client = try TestClient(port: server.port)
                // Sending may fail, because the server may close the connection early.
                try? client.send(Self.garbage(using: &random))
                client.finishSending()
                return client
            }
            for client in clients { _ = try client.readToEnd() }
            try expectService(of: server)
        }
        server.stop()
        #expect(server.liveRequestCount == 0)
    }

    private static func garbage(using random: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            if Int.random(in: 0..<10, using: &random) == 0 {
                for _ in 0..<16 { bytes.append(UInt8.random(in: .min ... .max, using: &random)) }
            } else {
                bytes += Array(pieces.randomElement(using: &random)?.utf8 ?? "".utf8)
            }
        }
        return bytes
    }

    @Test("The server survives 500 damaged uploads")
    func mutilatedUploads() throws {
        let server = try TestHandler().startServer()
        defer { server.stop() }
        var random = SplitMix64(seed: 7)
        let body =
            "--bb\r\nContent-Disposition: form-data; name=\"m\"\r\nContent-Type: multipart/mixed; boundary=cc\r\n\r\n"
            + "--cc\r\nContent-Disposition: file; filename=\"1\"\r\n\r\none\r\n"
            + "--cc\r\nContent-Type: text/plain\r\n\r\ntwo\r\n"
            + "--cc--\r\n--bb\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nvalue\r\n--bb--\r\n"
        for _ in 0..<500 {
            var bytes = Array(body.utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.removeSubrange(index..<min(bytes.count, index + 5))
                default: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
                }
            }
            let client = try TestClient(port: server.port)
            let head =
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=bb\r\n"
                + "Content-Length: \(bytes.count)\r\n\r\n"
            try client.send(Array(head.utf8) + bytes)
            #expect([200, 400].contains(try client.readAnswer().status))
        }
        try expectService(of: server)
    }

    private func expectService(of server: HTTPServer) throws {
        let client = try TestClient(port: server.port)
        try client.send("GET /alive HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.readAnswer().text == "GET /alive")
    }
}
