import DeepDream
import DreamService
import Foundation
import Testing

/// The description of the interface for programs. `make test-api` holds the running service against it.
@Suite(.ownThread) struct OpenAPITests {
    private func document(_ service: TestService) async throws -> [String: Any] {
        let answer = try await service.curl("/openapi.json")
        #expect(answer.status == 200 && answer.headers["Content-Type"] == "application/json")
        return try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    @Test("it describes each operation of the service, and no other")
    func operations() async throws {
        try await TestService.run { service in
            let paths = try #require(try await document(service)["paths"] as? [String: [String: Any]])
            let methods = ["get", "post", "put", "delete", "patch"]
            let described = paths.flatMap { path, item in
                item.keys.filter(methods.contains).map { "\($0.uppercased()) \(path)" }
            }
            #expect(described.sorted() == Endpoints.operations.sorted())
        }
    }

    @Test("it has every field of a recipe in the query, in the form and in JSON, with its range")
    func fields() async throws {
        try await TestService.run { service in
            let document = try await document(service)
            let components = try #require(document["components"] as? [String: [String: [String: Any]]])
            let paths = try #require(document["paths"] as? [String: [String: Any]])
            for path in ["/deepdream", "/jobs"] {
                let operation = try #require(paths[path]?["post"] as? [String: Any])
                let parameters = try #require(operation["parameters"] as? [[String: Any]])
                let references = Set(parameters.compactMap { $0["$ref"] as? String })
                for name in Recipe.fieldNames {
                    #expect(references.contains("#/components/parameters/\(name)"))
                    #expect(components["parameters"]?[name] != nil)
                }
            }
            for schema in ["Recipe", "Form"] {
                let properties = try #require(components["schemas"]?[schema]?["properties"] as? [String: [String: Any]])
                #expect(Set(Recipe.fieldNames).isSubset(of: properties.keys))
                #expect(properties["steps"]?["type"] as? String == "integer")
                #expect(properties["steps"]?["maximum"] as? Int == 2000)
                #expect(properties["step_size"]?["exclusiveMinimum"] as? Int == 0)
                #expect(properties["octave_scale"]?["minimum"] as? Double == 1.05)
                #expect(properties["seed"]?["maximum"] as? UInt64 == .max)
                #expect((properties["format"]?["enum"] as? [String])?.contains("png") == true)
                #expect(properties["bands"]?["type"] as? String == (schema == "Recipe" ? "array" : "string"))
            }
        }
    }

    @Test("it names the program's version")
    func version() async throws {
        try await TestService.run { service in
            let information = try #require(try await document(service)["info"] as? [String: Any])
            #expect(information["version"] as? String == Version.current)
        }
    }

    @Test("it is answered with 304 to clients that have it", arguments: ["/openapi.yaml", "/openapi.json"])
    func notModified(path: String) async throws {
        try await TestService.run { service in
            let tag = try #require(try await service.curl(path).headers["ETag"])
            let again = try await service.curl("-H", "If-None-Match: \(tag)", path)
            #expect(again.status == 304 && again.body.isEmpty && again.headers["ETag"] == tag)
        }
    }

    @Test("it names every kind of problem")
    func problems() throws {
        let sources = URL(fileURLWithPath: #filePath).appending(path: "../../../Sources/DreamService").standardized
        let description = try String(contentsOf: sources.appending(path: "OpenAPI/openapi.yaml"), encoding: .utf8)
        let kind = /\b[45]\d\d, "([a-z-]+)"/
        var kinds: Set<Substring> = []
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        where file.pathExtension == "swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: kind) {
                kinds.insert(Substring(String(match.1)))
            }
        }
        // Nobody gets this one.
        kinds.remove("client-left")
        #expect(kinds.count > 20)
        for kind in kinds { #expect(description.contains("`\(kind)`"), "\(kind)") }
    }
}
