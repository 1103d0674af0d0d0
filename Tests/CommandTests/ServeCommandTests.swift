import Dispatch
import DreamService
import Foundation
import TestSupport
import Testing

/// `deepdream serve` as a process: signals, exit codes and wrong configurations.
@Suite(.ownThread) struct ServeCommandTests {
    private static let environment = ServeProcess.environment

    /// Starts a service with one worker on a free port, which accepts dreams that last hours. Waits until it listens.
    private func start(_ flags: String...) async throws -> (service: Subprocess, url: String) {
        let variables = ["DEEPDREAM_WORKERS": "1", "DEEPDREAM_DEADLINE_SECONDS": "86400"]
        let service = try await ServeProcess.start(flags, variables: variables)
        return (service.process, service.url)
    }

    /// Requests a dream that goes on for hours, and waits until it runs.
    private func startEndlessDream(_ url: String) async throws -> Subprocess {
        let client = try startDream(url, steps: 2000, octaves: 12)
        try await wait(for: "\"running\":1", url)
        return client
    }

    private func startDream(_ url: String, steps: Int, octaves: Int) throws -> Subprocess {
        try Subprocess(
            [
                "curl", "-sS", "-w", "%{http_code}", "-o", "/dev/null", "-F", "image=@-",
                "\(url)/deepdream?octaves=\(octaves)&steps=\(steps)",
            ],
            input: TestFiles.photo(width: 512, height: 512))
    }

    /// Waits until the answer to `GET /readyz` contains this text.
    private func wait(for text: String, _ url: String) async throws {
        let deadline = WaitLimit.deadline
        while DispatchTime.now() < deadline {
            let state = try await Subprocess.run(["curl", "-sS", "\(url)/readyz"])
            if state.text.contains(text) { return }
            if state.status != 0 { throw ServeProcess.NotServing(reason: state.errors) }
        }
        throw WaitLimit.Exceeded("\(text) in /readyz")
    }

    @Test(
        "after a signal the service refuses new clients, finishes its jobs, and exits with 0",
        arguments: [SIGTERM, SIGINT])
    func drain(number: Int32) async throws {
        let (service, url) = try await start("--shutdown-grace-seconds", "3600")
        let endless = try await startEndlessDream(url)
        let client = try startDream(url, steps: 1, octaves: 1)
        try await wait(for: "\"waiting\":1", url)
        service.send(number)
        _ = try #require(try await service.errorLines.first { $0.contains("\"stopping\"") })
        // The second job still waits. It can only run when the first one has ended.
        endless.send(SIGKILL)
        let answer = await client.wait()
        #expect(answer.text == "200", "\(answer.errors)")
        let result = await service.wait()
        #expect(result.status == 0 && !result.wasKilled, "\(result.errors)")
        let stopped = try #require(service.errorLines.all.first { $0.contains("\"stopped\"") })
        #expect(stopped.contains("\"done\":1") && stopped.contains("\"cancelled\":1"))
        let late = try await Subprocess.run(["curl", "-sS", "\(url)/healthz"])
        #expect(late.status == 7, "curl's error for a closed port")
        _ = await endless.wait()
    }

    @Test("dreams that would take too long are refused from the first request on")
    func firstRequest() async throws {
        let (service, url) = try await start("--deadline-seconds", "1")
        let answer = try await Subprocess.run(
            ["curl", "-sS", "-F", "image=@-", "\(url)/deepdream?steps=2000&size=1672x1254"],
            input: TestFiles.photo(width: 512, height: 512))
        #expect(answer.text.contains("too-expensive") && answer.text.contains("but may take 1;"))
        service.send(SIGTERM)
        #expect(await service.wait().status == 0)
    }

    @Test("jobs that are not finished in time are cancelled and answered with 503, and the service exits with 0")
    func grace() async throws {
        let (service, url) = try await start("--shutdown-grace-seconds", "0")
        let client = try await startEndlessDream(url)
        service.send(SIGTERM)
        #expect(await client.wait().text == "503")
        #expect(await service.wait().status == 0)
    }

    @Test("after SIGHUP the service has the new limits, and names the settings that need a restart")
    func reload() async throws {
        try await TestFiles.withDirectory { try await reload(file: $0.appending(path: "deepdream.yaml")) }
    }

    private func reload(file: URL) async throws {
        func configure(_ text: String) throws { try text.write(to: file, atomically: true, encoding: .utf8) }
        try configure("max-pixels: 10000\n")
        let (service, url) = try await start("--config", file.path)
        func event(_ text: String) async throws -> String {
            try #require(try await service.errorLines.first { $0.contains(text) })
        }
        func status() async throws -> String {
            try await Subprocess.run(
                [
                    "curl", "-sS", "-w", "%{http_code}", "-o", "/dev/null", "-F", "image=@-",
                    "-H", "Cache-Control: no-cache", "\(url)/deepdream?layers=mixed0&octaves=1&steps=1",
                ], input: TestFiles.photo(width: 96, height: 96)
            ).text
        }
        #expect(try await status() == "200")

        try configure("max-pixels: 9000\nqueue-length: 3\nidle-timeout-seconds: 31\n")
        service.send(SIGHUP)
        #expect(try await event("\"configuration reloaded\"").contains("\"queue-length,max-pixels\""))
        #expect(try await event("only with a restart").contains("\"idle-timeout-seconds\""))
        #expect(try await status() == "413")
        try await wait(for: "\"capacity\":3", url)

        try configure("max-pixels: many\n")
        service.send(SIGHUP)
        #expect(try await event("\"configuration not reloaded\"").contains("max-pixels cannot be 'many'"))
        #expect(try await status() == "413")

        try configure("max-pixels: 9216\nlog-level: error\n")
        service.send(SIGHUP)
        try await wait(for: "\"capacity\":16", url)
        #expect(try await status() == "200")
        service.send(SIGTERM)
        let result = await service.wait()
        #expect(result.status == 0)
        #expect(!result.errors.contains("\"stopped\""), "the log level was not taken over")
    }

    @Test(
        "after kill -9 in the middle of 20 accepted jobs, each has one result, that of the command",
        .timeLimit(.minutes(15)))
    func killed() async throws {
        try await TestFiles.withDirectory { directory in
            let photo = directory.appending(path: "photo.jpg")
            try Data(TestFiles.photo(width: 96, height: 80)).write(to: photo)
            let data = directory.appending(path: "jobs").path
            let recipe = "layers=mixed1&octaves=1&jitter=4"
            // The fifth job takes long, so that it runs when the process is killed.
            func fields(_ seed: Int) -> String {
                "\(recipe)&seed=\(seed)&" + (seed == 4 ? "size=192x160&steps=2000" : "size=original&steps=40")
            }
            func state(_ url: String, _ id: String) async throws -> String {
                try await Subprocess.run(["curl", "-sS", "\(url)/jobs/\(id)"]).text
            }

            let (first, firstURL) = try await start("--data-directory", data)
            // By one curl, as a slow machine would have done the jobs before twenty of them have started.
            let submissions = (0..<20).flatMap { seed in
                (seed == 0 ? [] : ["--next"])
                    + ["-sS", "-F", "image=@\(photo.path)", "\(firstURL)/jobs?\(fields(seed))"]
            }
            struct Job: Decodable { let id: String }
            let ids = try await Subprocess.run(["curl"] + submissions).text.split(separator: "\n").map {
                try JSONDecoder().decode(Job.self, from: Data($0.utf8)).id
            }
            #expect(ids.count == 20)
            let deadline = WaitLimit.deadline
            while try await !state(firstURL, ids[4]).contains("\"state\":\"running\""), DispatchTime.now() < deadline {}
            #expect(try await state(firstURL, ids[3]).contains("\"state\":\"done\""))
            first.send(SIGKILL)
            _ = await first.wait()

            let (second, secondURL) = try await start("--data-directory", data)
            #expect(try await !state(secondURL, ids[19]).contains("\"state\":\"done\""), "it was killed in the middle")
            for (seed, id) in ids.enumerated() {
                let deadline = WaitLimit.deadline
                while try await !state(secondURL, id).contains("\"state\":\"done\""), DispatchTime.now() < deadline {}
                let result = try await Subprocess.run(["curl", "-sS", "\(secondURL)/jobs/\(id)/result"])
                let dream = directory.appending(path: "dream.jpg")
                let command = try await Subprocess.run(
                    [Programs.deepdream, "dream", "--quiet"]
                        + fields(seed).split(separator: "&").flatMap { pair -> [String] in
                            let parts = pair.split(separator: "=")
                            return ["--\(parts[0])", String(parts[1])]
                        } + [photo.path, dream.path])
                #expect(command.status == 0, "\(command.errors)")
                #expect(result.output == [UInt8](try Data(contentsOf: dream)), "seed \(seed)")
            }
            func files() throws -> Set<String> {
                Set(try FileManager.default.contentsOfDirectory(atPath: "\(data)/files"))
            }
            // The last upload is deleted just after its job is done.
            let results = Set(ids.map { "\($0).result" })
            let lastDeadline = WaitLimit.deadline
            while try files() != results, DispatchTime.now() < lastDeadline {}
            #expect(try files() == results, "one result each, and no uploads")
            second.send(SIGTERM)
            #expect(await second.wait().status == 0)
        }
    }

    @Test("a second signal ends the service at once")
    func secondSignal() async throws {
        let (service, url) = try await start("--shutdown-grace-seconds", "3600")
        let client = try await startEndlessDream(url)
        service.send(SIGTERM)
        _ = try #require(try await service.errorLines.first { $0.contains("\"stopping\"") })
        service.send(SIGTERM)
        #expect(await service.wait().status == 128 + SIGTERM)
        _ = await client.wait()
    }

    @Test(
        "a wrong configuration is an error, and the service does not start",
        arguments: [
            (
                ["--port", "70000"], [:], 64,
                "flag --port: port cannot be '70000'; allowed: a whole number from 0 to 65535"
            ),
            ([], ["DEEPDREAM_PORT": "x"], 1, "environment variable DEEPDREAM_PORT: port cannot be 'x'"),
            ([], ["DEEPDREAM_FOO": "1"], 1, "environment variable DEEPDREAM_FOO: there is no setting 'foo'"),
            (["--config", "/nowhere.yaml"], [:], 1, "the configuration file /nowhere.yaml cannot be read"),
            (["--processors", "1", "--workers", "2"], [:], 1, "workers is 2, but processors is only 1"),
            (["--model", "nothing"], [:], 1, "there is no model 'nothing'"),
            (["--host", "not an address"], [:], 1, "Cannot listen on not an address"),
        ] as [([String], [String: String], Int32, String)])
    func wrongConfiguration(
        flags: [String], environment: [String: String], status: Int32, message: String
    ) async throws {
        let result = try await Subprocess.run(
            [Programs.deepdream, "serve"] + flags,
            environment: Self.environment.merging(environment) { $1 })
        #expect(result.status == status)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(!result.errors.contains("listening"))
    }

    @Test("every setting can be given as an option", arguments: ServiceConfiguration.settings.map(\.name))
    func options(name: String) async throws {
        if name == "models" { return try await modelsOption() }
        // Beside `models`, only these may be empty; any other setting is refused with its name.
        let canBeEmpty = ["api-keys", "callback-hosts", "callback-secret", "cors-origins", "trusted-proxies"]
        let value = canBeEmpty.contains(name) ? "/" : ""
        let result = try await Subprocess.run(
            [Programs.deepdream, "serve", "--\(name)", value], environment: Self.environment)
        #expect(result.status == 64)
        #expect(result.errors.contains("flag --\(name): \(name) cannot be '\(value)'"), "\(result.errors)")
    }

    /// A damaged model is found only in the directory that the option gives.
    private func modelsOption() async throws {
        try await TestFiles.withDirectory { directory in
            let model = directory.appending(path: "damaged.safetensors")
            try Data("damaged".utf8).write(to: model)
            let result = try await Subprocess.run(
                [Programs.deepdream, "serve", "--models", directory.path, "--model", "damaged"],
                environment: Self.environment)
            #expect(result.status == 1)
            #expect(result.errors.contains(model.path), "\(result.errors)")
        }
    }

    @Test("the help has every setting")
    func help() async throws {
        let result = try await Subprocess.run([Programs.deepdream, "serve", "--help"])
        #expect(result.status == 0)
        for setting in ServiceConfiguration.settings {
            #expect(result.text.contains("--\(setting.name) <"), "\(setting.name) has no flag")
        }
    }
}
