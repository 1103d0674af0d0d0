import Foundation
import TestSupport
import Testing

@Suite(.ownThread) struct BenchCommandTests {
    @Test("bench prints steps per second and peak memory as JSON", arguments: [[], ["--recommended"]])
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
        "bench --recommended uses the layers that the model recommends",
        arguments: [([], false), (["--recommended"], true)])
    func recommended(flags: [String], isDeep: Bool) async throws {
        let result = try await Subprocess.run(
            [Programs.deepdream, "bench", "--plan", "--steps", "1", "--size", "100x75"] + flags)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("mixed7.") == isDeep)
    }

    @Test("DEEPDREAM_BACKEND chooses the backend if no flag does")
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

    @Test("bench --plan prints every part of a step", arguments: ["native", "openblas"])
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
            #expect(try #require(step["gigaflops"] as? Double) > 0)
            #expect(try #require(step["peakGigaflops"] as? Double) > 0)
        }

        let table = try await Subprocess.run(arguments)
        let lines = table.text.split(separator: "\n")
        // A title, a line with the columns' names, the steps, a summary.
        #expect(lines.count == steps.count + 3, "\(table.text)")
        let summary = try #require(
            lines.last?.firstMatch(of: /the processor's peak with these threads, ([0-9.]+) GFLOPS of floats\./))
        let peak = try #require(Double(summary.1))
        let shares = lines.compactMap { $0.firstMatch(of: /\ ([0-9.]+) +([0-9]+) %$/) }
        #expect(shares.count == convolutions.count)
        for row in shares {
            let speed = try #require(Double(row.1))
            let percent = try #require(Double(row.2))
            // The numbers are rounded to tenths and whole percents.
            let least = 100 * (speed - 0.05) / (peak + 0.05) - 0.5
            let most = peak > 0.05 ? 100 * (speed + 0.05) / (peak - 0.05) + 0.5 : .infinity
            #expect(least <= percent && percent <= most, "\(row.0)")
        }
    }
}
