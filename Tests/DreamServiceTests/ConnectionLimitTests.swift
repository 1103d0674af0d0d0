import DreamService
import TestSupport
import Testing

/// Connections beyond `connection-limit`, over real sockets with curl.
@Suite("Too many connections", .ownThread, .timeLimit(.minutes(10))) struct ConnectionLimitTests {
    /// Runs a service all of whose connections have a request that waits for its answer.
    private func withoutConnections(_ body: (TestService) async throws -> Void) async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(
            configure: { ($0.connectionLimit, $0.workers) = (2, 2) }, makeProcessor: { GatedProcessor(gate: gate) }
        ) { service in
            let photo = try TestFiles.photo()
            let clients = try (0..<2).map { _ in try service.start(["-F", "image=@-", "/deepdream"], input: photo) }
            try await gate.started.reaches(2)
            try await body(service)
            gate.open(for: 2)
            for client in clients { #expect(try await Answer(client.wait()).status == 200) }
        }
    }

    @Test("health checks are answered all the same", arguments: ["/healthz", "/readyz"])
    func probes(path: String) async throws {
        try await withoutConnections { service in
            let answer = try await service.curl(path)
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    @Test("a dream is refused with 503 and Retry-After")
    func dream() async throws {
        try await withoutConnections { service in
            let answer = try await service.curl("-F", "image=@-", "/deepdream", input: TestFiles.photo())
            #expect(answer.status == 503 && answer.headers["Retry-After"] == "1")
            #expect(answer.json["type"] == "urn:problem-type:deepdream:too-many-connections")
        }
    }
}
