import DreamService
import Foundation
import TestSupport
import Testing
import VisionNet

@Suite struct ConfigurationTests {
    private func load(
        file: String? = nil, environment: [String: String] = [:], flags: [(name: String, value: String)] = [],
        available: Int = 4
    ) async throws -> ServiceConfiguration {
        try await TestFiles.withDirectory { directory in
            let url = directory.appending(path: "deepdream.yaml")
            // Without a file, write an empty one, so that this machine's file in /etc is not read.
            try Data((file ?? "").utf8).write(to: url)
            return try ServiceConfiguration.load(
                file: url.path, environment: environment, flags: flags, available: available)
        }
    }

    @Test("without file, variables and flags, every setting has its default")
    func defaults() async throws {
        #expect(try await load() == ServiceConfiguration())
    }

    @Test("flags override variables, variables override the file, and the file overrides defaults")
    func precedence() async throws {
        let configuration = try await load(
            file: "port: 1001\nqueue-length: 101 # in the file\nworkers: 2\n",
            environment: ["DEEPDREAM_PORT": "1002", "DEEPDREAM_QUEUE_LENGTH": "102", "PATH": "/bin"],
            flags: [("port", "1003")])
        #expect(configuration.port == 1003)
        #expect(configuration.queueLength == 102)
        #expect(configuration.workers == 2)
        #expect(configuration.host == "0.0.0.0")
    }

    @Test("DEEPDREAM_CONFIG gives the path of the file")
    func fileVariable() async throws {
        try await TestFiles.withDirectory { directory in
            let url = directory.appending(path: "a.yaml")
            try Data("default-size: 300x200".utf8).write(to: url)
            let configuration = try ServiceConfiguration.load(
                file: nil, environment: ["DEEPDREAM_CONFIG": url.path], flags: [])
            #expect(configuration.defaultSize == .exact(width: 300, height: 200))
        }
    }

    @Test("every setting can read its default as help texts show it", arguments: ServiceConfiguration.settings)
    func roundTrip(setting: Setting) async throws {
        let configuration = try await load(flags: [(setting.name, setting.defaultText)])
        #expect(configuration == ServiceConfiguration())
    }

    @Test(
        "an origin with a path or without a scheme is refused, others are not",
        arguments: [
            ("", true), ("*", true), ("https://a.test, http://[::1]:8080", true), ("example.org", false),
            ("https://a.test/", false), ("https://", false), ("https://a.test,b", false), ("https://*.a.test", false),
        ])
    func origins(list: String, isAllowed: Bool) async throws {
        do {
            #expect(try await load(flags: [("cors-origins", list)]).corsOrigins == list)
            #expect(isAllowed, "\(list)")
        } catch {
            #expect(!isAllowed, "\(error)")
            #expect("\(error)".contains("cors-origins") && "\(error)".contains("https://example.org"))
        }
    }

    @Test(
        "the error for a wrong value has the setting, the source, the value and what is allowed",
        arguments: [
            ("port", "65536", "a whole number from 0 to 65535"), ("port", "http", "a whole number from 0 to 65535"),
            ("host", "", "an IPv4 or IPv6 address"), ("workers", "0", "auto or a whole number from 1 to 256"),
            ("backend", "cuda", "one of auto, openblas, native"),
            ("queue-length", "-1", "a whole number from 0 to 10000"),
            (
                "default-size", "0x10",
                "WIDTHxHEIGHT (at most 67108864 pixels), max:LONGER_SIDE (each side from 1 to 65500) or original"
            ),
            ("log-format", "xml", "one of text, json"),
            ("log-level", "loud", "one of trace, debug, info, notice, warning, error, critical"),
        ])
    func badValues(name: String, value: String, allowed: String) async {
        await #expect(
            throws: ConfigurationError.invalidValue(
                setting: name, source: .flag(name: name), value: value, allowed: allowed)
        ) { try await load(flags: [(name, value)]) }
    }

    @Test("an unknown variable is an error if its name begins with DEEPDREAM_")
    func unknownVariable() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await load(environment: ["DEEPDREAM_FOO": "1"])
        }
        #expect(error?.description.hasPrefix("environment variable DEEPDREAM_FOO: there is no setting 'foo'") == true)
        #expect(error?.description.contains("DEEPDREAM_QUEUE_LENGTH") == true)
        #expect(try await load(environment: ["DREAM_FOO": "1"]) == ServiceConfiguration())
    }

    @Test(
        "the error for a mistake in the file has the file and the line",
        arguments: [
            ("port: 5000\nprot: 5001\n", 2, "there is no setting 'prot'"),
            ("# comment\n\nport: many\n", 3, "port cannot be 'many'"),
            ("port: 1\nport: 2\n", 1, "set more than once: port"),
            ("port: [1, 2]\n", 1, "the value of 'port' must be a single text or number, not a list or mapping"),
            ("- port\n", 1, "expected lines like 'setting: value'"),
            ("port: 1\n  host: x\n", 2, "mapping values are not allowed"),
        ])
    func badFiles(text: String, line: Int, message: String) async {
        let error = await #expect(throws: ConfigurationError.self) { try await load(file: text) }
        let description = error?.description ?? ""
        #expect(description.contains("deepdream.yaml:\(line): "), "\(description)")
        #expect(description.contains(message), "\(description)")
    }

    @Test("a missing file is an error if a flag or variable names it")
    func missingFile() async throws {
        try await TestFiles.withDirectory { directory in
            let missing = directory.appending(path: "missing.yaml").path
            let error = ConfigurationError.unreadableFile(path: missing, reason: "No such file or directory")
            #expect(throws: error) { try ServiceConfiguration.load(file: missing, environment: [:], flags: []) }
            #expect(throws: error) {
                try ServiceConfiguration.load(file: nil, environment: ["DEEPDREAM_CONFIG": missing], flags: [])
            }
        }
    }

    @Test("the default file is read if it exists")
    func defaultFile() async throws {
        try await TestFiles.withDirectory { directory in
            let file = directory.appending(path: "default.yaml")
            func load() throws -> ServiceConfiguration {
                try ServiceConfiguration.load(file: nil, environment: [:], flags: [], defaultFile: file.path)
            }
            #expect(try load() == ServiceConfiguration())
            try Data("port: 1001".utf8).write(to: file)
            #expect(try load().port == 1001)
        }
    }

    @Test("a flag given twice is an error")
    func repeatedFlag() async {
        await #expect(throws: ConfigurationError.repeatedSetting(name: "port", source: .flag(name: "port"))) {
            try await load(flags: [("port", "1"), ("port", "2")])
        }
    }

    @Test(
        "by default there are as many threads and workers as processors",
        arguments: [
            ([], 8, 8), ([("processors", "3")], 3, 3), ([("workers", "2")], 8, 2),
            ([("processors", "8"), ("workers", "8")], 8, 8), ([("processors", "auto"), ("workers", "auto")], 8, 8),
        ] as [([(String, String)], Int, Int)])
    func processors(flags: [(String, String)], processors: Int, workers: Int) async throws {
        let configuration = try await load(flags: flags.map { (name: $0, value: $1) }, available: 8)
        #expect(configuration.processorCount(available: 8) == processors)
        #expect(configuration.workerCount(available: 8) == workers)
        #expect(configuration.computeOptions(available: 8).team.processors == processors)
    }

    @Test("the backend is that of the setting; auto is the fastest on this machine")
    func backend() async throws {
        for backend in Backend.allCases {
            let configuration = try await load(environment: ["DEEPDREAM_BACKEND": backend.rawValue])
            #expect(configuration.computeOptions(available: 1).backend == backend)
        }
        #expect(try await load(flags: [("backend", "auto")]).computeOptions(available: 1).backend == .fastest)
    }

    @Test(
        "settings that contradict each other are an error that says what to change",
        arguments: [
            ([("processors", "9")], "processors is 9, but this process may use only 8; lower it, or set it to auto"),
            (
                [("processors", "2"), ("workers", "3")],
                "workers is 3, but processors is only 2, and each worker needs one; lower workers, or set it to auto"
            ),
            (
                [("max-upload-bytes", "3000"), ("max-uploads-bytes", "2000")],
                "max-upload-bytes is 3000, but max-uploads-bytes, for all uploads together, is only 2000; "
                    + "lower max-upload-bytes, or raise max-uploads-bytes"
            ),
            (
                [("default-size", "2000x2000")],
                "default-size is 2000x2000, which is 4000000 pixels, but max-output-pixels is only 2100000; "
                    + "lower default-size, or raise max-output-pixels"
            ),
        ] as [([(String, String)], String)])
    func conflicts(flags: [(String, String)], message: String) async {
        await #expect(throws: ConfigurationError.conflict(message)) {
            try await load(flags: flags.map { (name: $0, value: $1) }, available: 8)
        }
    }

    @Test("the file in Config/ has all settings with their defaults")
    func sampleFile() async throws {
        let sample = URL(fileURLWithPath: #filePath).appending(path: "../../../Config/deepdream.yaml").standardized
        let text = try String(contentsOf: sample, encoding: .utf8)
        let uncommented = text.split(separator: "\n").map {
            $0.hasPrefix("#") && $0.contains(": ") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0[...]
        }
        #expect(try await load(file: uncommented.joined(separator: "\n")) == ServiceConfiguration())
        for setting in ServiceConfiguration.settings {
            #expect(text.contains("\n#\(setting.name):"), "\(setting.name) is missing")
        }
    }
}
