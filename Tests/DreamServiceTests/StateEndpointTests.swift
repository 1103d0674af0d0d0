import DeepDream
import DreamService
import Foundation
import TestSupport
import Testing
import VisionNet

/// The page for browsers and the endpoints that describe the service.
@Suite(.ownThread) struct StateEndpointTests {
    @Test("GET /healthz says that the service is alive")
    func alive() async throws {
        try await TestService.run { service in
            let answer = try await service.curl("/healthz")
            #expect(answer.status == 200)
            #expect(answer.text == "{\"status\":\"alive\"}\n")
        }
    }

    @Test("GET /readyz describes the queue")
    func ready() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(configure: { $0.queueLength = 3 }, makeProcessor: { GatedProcessor(gate: gate) }) {
            service in
            let client = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            try await gate.started.reaches(1)
            let answer = try await service.curl("/readyz")
            #expect(answer.status == 200)
            #expect(
                answer.text == """
                    {"jobs":{"cancelled":0,"done":0,"failed":0,"refused":0},\
                    "queue":{"capacity":3,"running":1,"waiting":0,"workers":1},"status":"ready"}

                    """)
            gate.open()
            _ = await client.wait()
        }
    }

    @Test("GET /models lists layers, channels and the recommended recipe")
    func models() async throws {
        try await TestService.run { service in
            let answer = try await service.curl("/models")
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == "application/json")
            let document = try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
            #expect((document["precisions"] as? [String])?.first == "full")
            let models = try #require(document["models"] as? [[String: Any]])
            #expect(models.count == 1)
            #expect(models[0]["default"] as? Bool == true)
            #expect(models[0]["network"] as? String == "inception_v3")
            let recipe = try #require(models[0]["recipe"] as? String)
            #expect(recipe.contains(try #require(VisionModel.embedded().metadata["recipe"])))
            let layers = try #require(models[0]["layers"] as? [[String: Any]])
            let names = layers.compactMap { $0["name"] as? String }
            #expect(names.contains("mixed0") && names.contains("mixed10"))
            #expect(layers.allSatisfy { ($0["channels"] as? Int ?? 0) > 0 })
        }
    }

    @Test("GET /version names the program, its version and what it reads and writes")
    func version() async throws {
        try await TestService.run { service in
            let answer = try await service.curl("/version")
            #expect(answer.status == 200 && answer.headers["Content-Type"] == "application/json")
            #expect(answer.json["name"] == "deepdream-server" && answer.json["version"] == Version.current)
            let document = try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
            let formats = try #require(document["formats"] as? [String: [String]])
            #expect(formats["photos"]?.contains("image/png") == true)
            #expect(formats["answers"]?.contains("application/json") == true)
        }
    }

    @Test(
        "HEAD is answered like GET, without the body",
        arguments: ["/", "/models", "/version", "/healthz", "/readyz"])
    func head(path: String) async throws {
        try await TestService.run { service in
            let get = try await service.curl(path)
            let head = try await service.curl("--head", path)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.headers["Content-Length"] == String(get.body.count))
        }
    }
}
