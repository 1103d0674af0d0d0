import Foundation
import TestSupport
import Testing

@Suite(.ownThread) struct OtherCommandTests {
    @Test("bench reports steps per second and peak memory as JSON", arguments: [[], ["--recommended"]])
    func bench(flags: [String]) async throws {
        let result = try await Subprocess.run(
            [Programs.deepdream, "bench", "--steps", "2", "--size", "100x75", "--json"] + flags)
        #expect(result.status == 0, "\(result.errors)")
        let report = try #require(JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
        #expect(report["steps"] as? Int == 2)
        #expect(report["size"] as? String == "100x75")
        #expect((report["stepsPerSecond"] as? Double ?? 0) > 0)
        #expect((report["peakMemoryMegabytes"] as? Double ?? 0) > 1)
    }

    @Test(
        "bench --recommended measures the layers that the model recommends",
        arguments: [([], false), (["--recommended"], true)])
    func recommended(flags: [String], isDeep: Bool) async throws {
        let result = try await Subprocess.run(
            [Programs.deepdream, "bench", "--plan", "--steps", "1", "--size", "100x75"] + flags)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("mixed7.") == isDeep)
    }

    @Test("DEEPDREAM_BACKEND chooses what computes, unless a flag does")
    func backendVariable() async throws {
        func bench(_ value: String, _ flags: String...) async throws -> Subprocess.Result {
            try await Subprocess.run(
                [Programs.deepdream, "bench", "--steps", "1", "--size", "75x75", "--json"] + flags,
                environment: ["DEEPDREAM_BACKEND": value])
        }
        #expect(try await bench("openblas").text.contains("\"backend\":\"openblas\""))
        #expect(try await bench("openblas", "--backend", "native").text.contains("\"backend\":\"native\""))
        let wrong = try await bench("cuda")
        #expect(wrong.status == 64)
        #expect(
            wrong.errors.contains("environment variable DEEPDREAM_BACKEND: backend cannot be 'cuda'"), "\(wrong.errors)"
        )
    }

    @Test("bench --plan reports every part of a step", arguments: ["native", "openblas"])
    func plan(backend: String) async throws {
        let arguments = [
            Programs.deepdream, "bench", "--plan", "--steps", "1", "--size", "100x75", "--threads", "2",
            "--backend", backend,
        ]
        let result = try await Subprocess.run(arguments + ["--json"])
        #expect(result.status == 0, "\(result.errors)")
        let report = try #require(JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
        #expect(report["backend"] as? String == backend)
        #expect(report["threads"] as? Int == 2)
        let steps = try #require(report["steps"] as? [[String: Any]])
        let convolutions = steps.filter { $0["gigaflops"] != nil }
        #expect(convolutions.count > 20 && convolutions.count < steps.count)
        #expect(steps.contains { $0["name"] as? String == "max pool" && $0["method"] as? String == "" })
        for step in steps { #expect((step["milliseconds"] as? Double ?? 0) > 0) }
        for step in convolutions {
            let (speed, peak) = try (
                #require(step["gigaflops"] as? Double), #require(step["peakGigaflops"] as? Double)
            )
            #expect(speed > 0 && peak > 0)
        }

        let table = try await Subprocess.run(arguments)
        let lines = table.text.split(separator: "\n")
        // A title, a head, the steps, a summary.
        #expect(lines.count == steps.count + 3, "\(table.text)")
        let summary = try #require(
            lines.last?.firstMatch(of: /the processor's peak with these threads, ([0-9.]+) GFLOPS of floats\./))
        let peak = try #require(Double(summary.1))
        let shares = lines.compactMap { $0.firstMatch(of: /\ ([0-9.]+) +([0-9]+) %$/) }
        #expect(shares.count == convolutions.count)
        for row in shares {
            let (speed, percent) = try (#require(Double(row.1)), #require(Double(row.2)))
            #expect(abs(percent - 100 * speed / peak) < 1, "\(row.0)")
        }
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

    @Test("import says so where a damaged file crashes libhdf5, and leaves nothing behind")
    func importCrash() async throws {
        try await TestFiles.withDirectory { directory in
            let whole = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../ModelLibraryTests/Fixtures/legacy.h5")
            var damaged = try Data(contentsOf: whole)
            // Within the header of the first group; libhdf5 1.10.8 follows it to nowhere.
            damaged[917] ^= 0xFF
            let file = directory.appending(path: "a.h5")
            try damaged.write(to: file)
            let output = directory.appending(path: "a.safetensors").path
            let result = try await Subprocess.run([Programs.deepdream, "model", "import", file.path, "-o", output])
            #expect(result.status == 1)
            #expect(result.errors.contains("damaged"), "\(result.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a.h5"])
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
