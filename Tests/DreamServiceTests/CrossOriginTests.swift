import DreamService
import TestSupport
import Testing

/// `OPTIONS`, and pages of other origins (CORS).
@Suite(.ownThread) struct CrossOriginTests {
    @Test(
        "OPTIONS names the methods of each path",
        arguments: [
            ("/deepdream", "POST, OPTIONS"), ("/models", "GET, HEAD, OPTIONS"), ("/version", "GET, HEAD, OPTIONS"),
        ])
    func options(path: String, allowed: String) async throws {
        try await TestService.run { service in
            let answer = try await service.curl("-X", "OPTIONS", path)
            #expect(answer.status == 204 && answer.headers["Allow"] == allowed)
            #expect(try await service.curl("-X", "OPTIONS", "/nowhere").status == 404)
        }
    }

    @Test("without the setting, no answer lets other origins in")
    func off() async throws {
        try await TestService.run { service in
            let answer = try await service.curl("-H", "Origin: https://example.org", "/models")
            #expect(!answer.headers.fields.contains { $0.name.lowercased().hasPrefix("access-control") })
        }
    }

    @Test("a listed origin may ask, send and read, also errors; others may not")
    func listed() async throws {
        try await TestService.run(configure: { $0.corsOrigins = "https://example.org, http://localhost:3000" }) {
            service in
            for origin in ["https://example.org", "http://localhost:3000"] {
                let preflight = try await service.curl(
                    "-X", "OPTIONS", "-H", "Origin: \(origin)", "-H", "Access-Control-Request-Method: POST",
                    "-H", "Access-Control-Request-Headers: content-type", "/deepdream")
                #expect(preflight.status == 204 && preflight.headers["Access-Control-Allow-Origin"] == origin)
                #expect(preflight.headers["Access-Control-Allow-Methods"]?.contains("POST") == true)
                #expect(preflight.headers["Access-Control-Allow-Headers"]?.contains("Content-Type") == true)
                #expect(preflight.headers["Vary"] == "Origin")
            }
            let wrong: [[String]] = [["-F", "steps=x", "/deepdream"], ["/nowhere"], ["-F", "a=b", "/models"]]
            for arguments in wrong {
                let result = try await service.start(["-H", "Origin: https://example.org"] + arguments).wait()
                let answer = try Answer(result)
                #expect(answer.status >= 400)
                #expect(answer.headers["Access-Control-Allow-Origin"] == "https://example.org", "\(arguments)")
                #expect(answer.headers["Access-Control-Expose-Headers"]?.contains("ETag") == true)
            }
            for origin in ["https://example.org.evil.test", "http://example.org", "null"] {
                let answer = try await service.curl("-H", "Origin: \(origin)", "/models")
                #expect(answer.headers["Access-Control-Allow-Origin"] == nil, "\(origin)")
                #expect(answer.headers["Vary"] == "Origin")
            }
        }
    }

    @Test("a star lets every origin in")
    func all() async throws {
        try await TestService.run(configure: { $0.corsOrigins = "*" }) { service in
            let answer = try await service.curl("-H", "Origin: http://a.test", "/healthz")
            #expect(answer.headers["Access-Control-Allow-Origin"] == "*")
        }
    }
}
