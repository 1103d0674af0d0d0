import DeepDream
import DreamService
import Foundation
import TestSupport
import Testing
import VisionNet

/// Presets of the configuration file.
@Suite("Configured presets", .ownThread, .timeLimit(.minutes(10))) struct ConfiguredPresetTests {
    private func load(_ text: String) async throws -> ServiceConfiguration {
        try await TestFiles.withDirectory { directory in
            let url = directory.appending(path: "deepdream.yaml")
            try Data(text.utf8).write(to: url)
            return try ServiceConfiguration.load(file: url.path, environment: [:], flags: [], available: 4)
        }
    }

    private static let file = """
        port: 1234
        presets:
          rings: layers=mixed2[3]&steps=1&octaves=1
          small:
            size: max:50
            steps: 1
            octaves: 1
            bands: [0, 2]
            preserve_color: true
          classy: preset=classic&steps=1
        """

    @Test("are the text of a recipe or its fields, are listed and can be asked for")
    func use() async throws {
        let configuration = try await load(Self.file)
        #expect(configuration.port == 1234)
        #expect(configuration.presets.count == 3)
        try await TestService.run(configure: { $0.presets = configuration.presets }) { service in
            let photo = try TestFiles.photo()
            func recipe(_ query: String) async throws -> String {
                let answer = try await service.curl("-F", "image=@-", "/deepdream?\(query)", input: photo)
                #expect(answer.status == 200, "\(answer.text)")
                return answer.headers["DeepDream-Recipe"] ?? ""
            }
            let rings = try await recipe("preset=rings&size=max:50")
            #expect(rings.contains("layers=mixed2%5B3%5D&") && rings.contains("steps=1&"))
            let small = try await recipe("preset=small&seed=4")
            #expect(small.contains("size=50x40&") && small.contains("bands=0,2&") && small.contains("seed=4&"))
            #expect(small.contains("preserve_color=true&"))
            let classy = try await recipe("preset=classy")
            #expect(classy.contains("size=225x225&") && classy.contains("steps=1&"))
            let models = try await service.curl("/models").text
            #expect(models.contains("\"rings\"") && models.contains("\"classic\""))
            let wrong = try await service.curl("-F", "image=@-", "/deepdream?preset=ring", input: photo)
            #expect(wrong.status == 400 && wrong.json["allowed"]?.contains("rings, small, classy") == true)
        }
    }

    @Test(
        "that cannot be used are errors with their line, their name and the reason",
        arguments: [
            ("presets:\n  a: steps=x", ":2: the preset 'a' cannot be used: steps cannot be 'x'"),
            (
                "presets:\n  a: steps=1\n  b: {colour: 3}",
                ":3: the preset 'b' cannot be used: there is no field 'colour'"
            ),
            ("presets:\n  wild: steps=1", ":2: the preset 'wild' cannot be used: the program has a preset"),
            ("presets:\n  'a b': steps=1", ":2: the preset 'a b' cannot be used: its name"),
            ("presets:\n  a: 7", ":2: the preset 'a' must be the text of a recipe"),
            ("presets:\n  a: {layers: {b: c}}", ":2: the preset 'a' must be the text of a recipe"),
            ("presets: 3", ":1: expected under 'presets' lines like"),
            ("presets:\n  a: steps=1&steps=2", ":2: the preset 'a' cannot be used: the field 'steps' is given more"),
        ])
    func errors(text: String, message: String) async throws {
        do {
            _ = try await load(text)
            Issue.record("there was no error")
        } catch let error as ConfigurationError {
            #expect("\(error)".contains(message), "\(error)")
        }
    }

    @Test("with a layer or a model that there is not are errors before the service starts")
    func unknownLayer() async throws {
        for (text, reason) in [("layers=nothing", "layers cannot be 'nothing'"), ("model=nobody", "model cannot be")] {
            let configuration = try await load("presets:\n  a: \(text)")
            let model = try VisionModel.embedded()
            let entry = try ModelCatalog.Entry(name: model.name, model: model)
            #expect {
                try ModelCatalog(default: entry, presets: configuration.presets)
            } throws: { error in
                "\(error)".contains(":2: the preset 'a' cannot be used: \(reason)")
            }
        }
    }

    @Test("an empty list has none")
    func none() async throws {
        #expect(try await load("presets:\n").presets.isEmpty)
        #expect(try await load("presets: {}\n") == ServiceConfiguration())
    }
}
