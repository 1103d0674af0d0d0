import DreamService
import Foundation
import TestSupport
import Testing

/// The service as a process: signals, exit codes, errors before the socket opens.
@Suite(.ownThread) struct ServeCommandTests {
    /// A service on a free port, once it listens.
    private func start(_ flags: String...) async throws -> (service: Subprocess, url: String) {
        let service = try Subprocess(
            [Programs.deepdream, "serve", "--host", "127.0.0.1", "--port", "0", "--log-format", "json"] + flags,
            environment: ["PATH": "/usr/bin:/bin", "DEEPDREAM_WORKERS": "1"])
        guard let line = await service.errorLines.first(where: { $0.contains("\"listening\"") }) else {
            throw NotServing(reason: await service.wait().errors)
        }
        let fields = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        return (service, "http://127.0.0.1:\(fields["port"] ?? "")")
    }

    private struct NotServing: Error {
        let reason: String
    }

    /// Starts to dream, and returns once the dream runs.
    private func startDream(_ url: String, steps: Int, octaves: Int = 1) async throws -> Subprocess {
        let client = try Subprocess(
            [
                "curl", "-sS", "-w", "%{http_code}", "-o", "/dev/null", "-F", "image=@-",
                "\(url)/deepdream?octaves=\(octaves)&steps=\(steps)",
            ],
            input: TestFiles.photo(width: 225, height: 225))
        // Each answer is an observation of the service's state; the time between them does not matter.
        while true {
            let state = try await Subprocess.run(["curl", "-sS", "\(url)/readyz"])
            if state.text.contains("\"running\":1") { return client }
            if state.status != 0 { throw NotServing(reason: state.errors) }
            if !state.text.contains("\"done\":0") { throw NotServing(reason: "the dream was over before it was seen") }
        }
    }

    @Test("SIGTERM lets the work in hand finish, refuses new clients, and exits with 0", arguments: [SIGTERM, SIGINT])
    func drain(number: Int32) async throws {
        let (service, url) = try await start("--shutdown-grace-seconds", "200")
        let client = try await startDream(url, steps: 1500)
        service.send(number)
        let answer = await client.wait()
        #expect(answer.text == "200", "\(answer.errors)")
        let result = await service.wait()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("\"stopped\""))
        #expect(result.errors.contains("\"done\":\"1\""))
        let late = try await Subprocess.run(["curl", "-sS", "\(url)/healthz"])
        #expect(late.status == 7, "the port is closed")
    }

    @Test("work that outlasts the grace is cancelled, its client told, the exit still 0")
    func grace() async throws {
        let (service, url) = try await start("--shutdown-grace-seconds", "0")
        let client = try await startDream(url, steps: 2000, octaves: 12)
        service.send(SIGTERM)
        #expect(await client.wait().text == "503")
        #expect(await service.wait().status == 0)
    }

    @Test("a second signal ends the service at once")
    func impatience() async throws {
        let (service, url) = try await start("--shutdown-grace-seconds", "3600")
        let client = try await startDream(url, steps: 2000, octaves: 12)
        service.send(SIGTERM)
        _ = await service.errorLines.first { $0.contains("\"stopping\"") }
        service.send(SIGTERM)
        #expect(await service.wait().status == 128 + SIGTERM)
        _ = await client.wait()
    }

    @Test(
        "what is wrong with the configuration is told before the socket opens",
        arguments: [
            (
                ["--port", "70000"], [:], 64,
                "flag --port: port cannot be '70000'; allowed: a whole number from 0 to 65535"
            ),
            ([], ["DEEPDREAM_PORT": "x"], 1, "environment variable DEEPDREAM_PORT: port cannot be 'x'"),
            ([], ["DEEPDREAM_FOO": "1"], 1, "environment variable DEEPDREAM_FOO: there is no setting 'foo'"),
            (["--config", "/nowhere.yaml"], [:], 1, "the configuration file /nowhere.yaml cannot be read"),
            (["--processors", "256"], [:], 1, "processors is 256, but this process may use "),
            (["--model", "nothing"], [:], 1, "there is no model 'nothing'"),
            (["--host", "not an address"], [:], 1, "Cannot listen on not an address"),
        ] as [([String], [String: String], Int32, String)])
    func wrongConfiguration(
        flags: [String], environment: [String: String], status: Int32, message: String
    ) async throws {
        let result = try await Subprocess.run(
            [Programs.deepdream, "serve"] + flags,
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 })
        #expect(result.status == status)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(!result.errors.contains("listening"))
    }

    @Test("serve --help has every setting with its default")
    func help() async throws {
        let result = try await Subprocess.run([Programs.deepdream, "serve", "--help"])
        #expect(result.status == 0)
        for setting in ServiceConfiguration.settings {
            #expect(result.text.contains("--\(setting.name) <"), "\(setting.name) has no flag")
        }
    }
}
