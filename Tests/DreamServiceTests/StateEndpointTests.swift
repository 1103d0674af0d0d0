import DeepDream
import Dispatch
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

    @Test("a service whose queue is full is not ready, but alive")
    func full() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(configure: { $0.queueLength = 1 }, makeProcessor: { GatedProcessor(gate: gate) }) {
            service in
            let photo = try TestFiles.photo()
            let clients = try (0..<2).map { _ in try service.start(["-F", "image=@-", "/deepdream"], input: photo) }
            try await gate.started.reaches(1)
            let deadline = WaitLimit.deadline
            while service.counts().waiting < 1 && DispatchTime.now() < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
            let answer = try await service.curl("/readyz")
            #expect(answer.status == 503 && answer.json["status"] == "full")
            #expect(try await service.curl("/metrics").text.contains("deepdream_ready 0"))
            #expect(try await service.curl("/healthz").status == 200)
            gate.open(for: 2)
            for client in clients { _ = await client.wait() }
            #expect(try await service.curl("/readyz").status == 200)
        }
    }

    @Test("a service whose worker does no step for too long is not ready")
    func stuck() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(longestStepSeconds: 0.05, makeProcessor: { GatedProcessor(gate: gate) }) {
            service in
            let client = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            try await gate.started.reaches(1)
            try await Task.sleep(for: .milliseconds(100))
            let answer = try await service.curl("/readyz")
            #expect(answer.status == 503 && answer.json["status"] == "stuck")
            #expect(try await service.curl("/metrics").text.contains("deepdream_ready 0"))
            gate.open()
            _ = await client.wait()
            #expect(try await service.curl("/readyz").status == 200)
        }
    }

    @Test("the service's own check agrees with TensorFlow, with every backend", arguments: Backend.allCases)
    func selfCheck(backend: Backend) throws {
        try SelfCheck.run(ComputeOptions(backend: backend, threads: 2))
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

    @Test("GET /models describes each field in the terms of JSON Schema, with the service's default")
    func fields() async throws {
        try await TestService.run(configure: { $0.defaultSize = .longerSide(99) }) { service in
            let answer = try await service.curl("/models")
            let document = try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
            let list = try #require(document["fields"] as? [[String: Any]])
            #expect(list.compactMap { $0["name"] as? String } == Recipe.fieldNames)
            var fields: [String: [String: Any]] = [:]
            for field in list { fields[try #require(field["name"] as? String)] = field }
            func text(_ field: String, _ key: String) -> String { fields[field]?[key].map { "\($0)" } ?? "" }
            let steps = ["type", "minimum", "maximum", "unit"].map { text("steps", $0) }
            #expect(steps == ["integer", "0", "2000", ""] && Int(text("steps", "default")) != nil)
            #expect(text("step_size", "exclusiveMinimum") == "0" && text("step_size", "minimum") == "")
            #expect(text("jitter", "unit") == "pixels")
            #expect(text("seed", "maximum") == "\(UInt64.max)" && text("seed", "default") == "0")
            #expect(text("size", "type") == "string" && text("size", "default") == "max:99")
            #expect(fields["bands"]?["default"] is [Double] && text("bands", "maxItems") == "8")
            #expect((fields["format"]?["enum"] as? [String])?.contains("png") == true)
            #expect((fields["preset"]?["enum"] as? [String])?.contains("classic") == true)
            #expect(fields["preserve_color"]?["type"] as? String == "boolean")
            // The defaults, sent back as JSON, are a recipe.
            let model = try VisionModel.embedded()
            var recipe = try Recipe.recommended(for: model)
            let defaults = list.compactMap { field -> (name: String, value: String)? in
                guard let name = field["name"] as? String, name != "preset", let value = field["default"] else {
                    return nil
                }
                let number = value as? NSNumber
                let isFlag = field["type"] as? String == "boolean"
                let text = (value as? [Double])?.map { "\($0)" }.joined(separator: ",")
                return (name, text ?? (isFlag ? "\(number == true)" : "\(value)"))
            }
            try recipe.apply(defaults)
            try recipe.validate(for: model)
            #expect(defaults.count == Recipe.fields.count)
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
