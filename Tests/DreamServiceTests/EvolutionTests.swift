import DeepDream
import DreamService
import Foundation
import TestSupport
import Testing
import VisionNet

/// `POST /evolutions`, over real sockets with curl.
@Suite("Evolutions", .ownThread, .timeLimit(.minutes(10))) struct EvolutionTests {
    private struct Document: Decodable {
        let model: String
        let seed: UInt64
        let recipes: [String]
    }

    private func post(_ service: TestService, _ body: String, type: String = "application/json") async throws -> Answer
    {
        try await service.curl(
            "--data-binary", "@-", "-H", "Content-Type: \(type)", "/evolutions", input: Array(body.utf8))
    }

    private func document(_ answer: Answer) throws -> Document {
        #expect(answer.status == 200, "\(answer.text)")
        return try JSONDecoder().decode(Document.self, from: Data(answer.body))
    }

    @Test("keep the recipes that were sent, and breed others that can be dreamt")
    func generation() async throws {
        try await TestService.run { service in
            let body = #"{"recipes": ["steps=7&octaves=1", "steps=9&octaves=1"], "count": 6, "seed": 3}"#
            let found = try document(await post(service, body))
            #expect(found.seed == 3 && found.recipes.count == 6)
            #expect(found.recipes[0].contains("steps=7&") && found.recipes[1].contains("steps=9&"))
            #expect(Set(found.recipes).count == 6)
            let model = try VisionModel.embedded()
            for text in found.recipes {
                var recipe = Recipe.plain(model: model.name)
                try recipe.apply(
                    text.split(separator: "&").map { pair in
                        let parts = pair.split(separator: "=", maxSplits: 1)
                        return (
                            String(parts[0]), (parts.count == 2 ? String(parts[1]) : "").removingPercentEncoding ?? ""
                        )
                    })
                try recipe.validate(for: model)
            }
            #expect(try document(await post(service, body)).recipes == found.recipes)
            let other = body.replacing("\"seed\": 3", with: "\"seed\": 4")
            #expect(try document(await post(service, other)).recipes != found.recipes)
        }
    }

    @Test("begin with the recommended recipe, nine of them, and say which seed they took")
    func beginning() async throws {
        try await TestService.run { service in
            let found = try document(await post(service, "{}"))
            #expect(found.recipes.count == 9)
            let recommended = try Recipe.recommended(for: .embedded()).canonical
            #expect(found.recipes[0] == recommended)
            let again = try document(await post(service, #"{"seed": \#(found.seed)}"#))
            #expect(again.recipes == found.recipes)
        }
    }

    @Test(
        "name what is wrong",
        arguments: [
            (#"{"count": 1}"#, "count"), (#"{"count": 26}"#, "count"), (#"{"recipes": ["steps=x"]}"#, "steps"),
            (#"{"recipes": ["layers=nothing"]}"#, "layers"), (#"{"model": "nobody"}"#, "model"),
            (#"{"recipes": ["colour=1"]}"#, "colour"),
        ])
    func refusals(body: String, field: String) async throws {
        try await TestService.run { service in
            let answer = try await post(service, body)
            #expect((answer.status, answer.json["field"]) == (400, field), "\(answer.text)")
        }
    }

    @Test("take JSON alone, and not much of it")
    func bodies() async throws {
        try await TestService.run { service in
            let long = #"{"recipes": ["\#(String(repeating: "x", count: 300_000))"]}"#
            let form = "application/x-www-form-urlencoded"
            let bodies = [
                ("{", "application/json", 400), (#"{"picks": 3}"#, "application/json", 400), ("{}", "text/plain", 415),
                ("count=3", form, 415), (long, "application/json", 413),
            ]
            for (body, type, status) in bodies {
                let answer = try await post(service, body, type: type)
                #expect(answer.status == status, "\(answer.text)")
            }
        }
    }
}
