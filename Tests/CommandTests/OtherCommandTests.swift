import Foundation
import TestSupport
import Testing

@Suite struct OtherCommandTests {
    @Test("bench reports steps per second and peak memory as JSON")
    func bench() async throws {
        let result = try await Subprocess.run(
            [Programs.deepdream, "bench", "--steps", "2", "--size", "100x75", "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let report = try #require(JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
        #expect(report["steps"] as? Int == 2)
        #expect(report["size"] as? String == "100x75")
        #expect((report["stepsPerSecond"] as? Double ?? 0) > 0)
        #expect((report["peakMemoryMegabytes"] as? Double ?? 0) > 1)
    }

    @Test("model list and inspect know the embedded model")
    func embeddedModel() async throws {
        let list = try await Subprocess.run([Programs.deepdream, "model", "list"])
        #expect(list.status == 0)
        #expect(list.text.contains("built in"))
        let inspection = try await Subprocess.run([Programs.deepdream, "model", "inspect", "embedded"])
        #expect(inspection.status == 0, "\(inspection.errors)")
        #expect(inspection.text.contains("licence: ") && inspection.text.contains("the checksum is right"))
    }

    @Test("import says what is wrong with a file that is no model")
    func importError() async throws {
        try await TestFiles.withDirectory { directory in
            let file = directory.appending(path: "a.h5")
            try Data("hello".utf8).write(to: file)
            let output = directory.appending(path: "a.safetensors").path
            let result = try await Subprocess.run([Programs.deepdream, "model", "import", file.path, "-o", output])
            #expect(result.status == 1)
            #expect(result.errors.contains(file.path), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }

    @Test("every command has help that teaches by examples", arguments: ["serve", "dream", "model", "bench"])
    func help(command: String) async throws {
        let result = try await Subprocess.run([Programs.deepdream, command, "--help"])
        #expect(result.status == 0)
        #expect(result.text.contains("  deepdream \(command)"))
    }

    @Test("--version is a version, and no command at all shows the help")
    func version() async throws {
        let version = try await Subprocess.run([Programs.deepdream, "--version"])
        #expect(version.status == 0)
        #expect(version.text.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
        let bare = try await Subprocess.run([Programs.deepdream])
        #expect(bare.text.contains("SUBCOMMANDS"))
    }
}
