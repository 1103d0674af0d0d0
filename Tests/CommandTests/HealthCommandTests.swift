import Foundation
import Glibc
import TestSupport
import Testing

/// `deepdream health` against services that are well, busy, gone or no services at all.
@Suite(.ownThread) struct HealthCommandTests {
    private func health(_ flags: [String], environment: [String: String] = [:]) async throws -> Subprocess.Result {
        let clean = ["PATH": "/usr/bin:/bin", "DEEPDREAM_CONFIG": "/dev/null"]
        return try await Subprocess.run(
            [Programs.deepdream, "health"] + flags, environment: clean.merging(environment) { $1 })
    }

    /// Starts a real service and waits until it listens.
    private func startService(host: String, data: URL) async throws -> (service: Subprocess, port: String) {
        let service = try Subprocess(
            [
                Programs.deepdream, "serve", "--host", host, "--port", "0", "--log-format", "json",
                "--data-directory", data.path,
            ],
            environment: ["PATH": "/usr/bin:/bin", "DEEPDREAM_CONFIG": "/dev/null"])
        let line = try #require(try await service.errorLines.first { $0.contains("\"listening\"") })
        let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        return (service, "\(try #require(event["port"] as? Int))")
    }

    @Test("a service that is alive and ready has exit code 0", arguments: ["127.0.0.1", "0.0.0.0"])
    func well(host: String) async throws {
        try await TestFiles.withDirectory { directory in
            let (service, port) = try await startService(host: host, data: directory)
            for flags in [[], ["--ready"]] {
                let result = try await health(["--host", host, "--port", port] + flags)
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output.isEmpty)
            }
            let variables = ["DEEPDREAM_HOST": host, "DEEPDREAM_PORT": port]
            #expect(try await health([], environment: variables).status == 0)
            service.send(SIGTERM)
            _ = await service.wait()
            let gone = try await health(["--host", host, "--port", port])
            #expect(gone.status == 1)
            #expect(gone.errors.contains("http://127.0.0.1:\(port)/healthz is closed"), "\(gone.errors)")
        }
    }

    @Test("what answers otherwise than with 200, not in HTTP or not at all is not well")
    func unwell() async throws {
        let answers = [
            (
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 8\r\n\r\ndraining",
                "answers 503 Service Unavailable: draining"
            ),
            ("220 mail.example.org ESMTP\r\n", "does not speak HTTP"),
            ("", "does not speak HTTP"),
        ]
        for (answer, message) in answers {
            let server = try Answering(answer)
            let result = try await health(["--host", "127.0.0.1", "--port", "\(server.port)"])
            #expect(result.status == 1)
            #expect(result.errors.contains(message), "\(result.errors)")
        }
        let silent = try Answering(nil)
        let result = try await health(["--host", "127.0.0.1", "--port", "\(silent.port)", "--timeout", "1"])
        #expect(result.status == 1)
        #expect(result.errors.contains("has not answered within 1.0 seconds"), "\(result.errors)")
    }

    @Test("a wrong setting is an error, as for serve")
    func wrongSetting() async throws {
        let result = try await health(["--port", "x"])
        #expect(result.status == 1)
        #expect(result.errors.contains("port cannot be 'x'"), "\(result.errors)")
    }
}

/// Gives its first client a fixed answer, whatever it asks; nil for none.
private final class Answering: Sendable {
    let port: Int
    private let socket: Int32

    struct NoSocket: Error {}

    init(_ answer: String?) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, size) == 0 && listen(socket, 1) == 0 && getsockname(socket, address, &size) == 0
            }
        }
        guard isListening else {
            close(socket)
            throw NoSocket()
        }
        self.socket = socket
        port = Int(UInt16(bigEndian: address.sin_port))
        guard let answer else { return }
        Thread.detachNewThread {
            let client = accept(socket, nil, nil)
            guard client >= 0 else { return }
            // Closing with unread bytes would reset the connection, and the answer could be lost.
            var request = [UInt8](repeating: 0, count: 4096)
            _ = recv(client, &request, request.count, 0)
            _ = send(client, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
            close(client)
        }
    }

    deinit { close(socket) }
}
