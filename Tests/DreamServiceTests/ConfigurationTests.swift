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
            // An empty file stands for none, so that no file of this machine matters.
            try Data((file ?? "").utf8).write(to: url)
            return try ServiceConfiguration.load(
                file: url.path, environment: environment, flags: flags, available: available)
        }
    }

    @Test("without sources every setting has its default")
    func defaults() async throws {
        #expect(try await load() == ServiceConfiguration())
    }

    @Test("flags overrule the environment, the environment the file, the file the defaults")
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

    @Test("the environment can name the file")
    func fileVariable() async throws {
        try await TestFiles.withDirectory { directory in
            let url = directory.appending(path: "a.yaml")
            try Data("default-size: 300x200".utf8).write(to: url)
            let configuration = try ServiceConfiguration.load(
                file: nil, environment: ["DEEPDREAM_CONFIG": url.path], flags: [])
            #expect(configuration.defaultSize == .exact(width: 300, height: 200))
        }
    }

    @Test("every setting reads back the default that help texts show", arguments: ServiceConfiguration.settings)
    func roundTrip(setting: Setting) async throws {
        let configuration = try await load(flags: [(setting.name, setting.defaultText)])
        #expect(configuration == ServiceConfiguration())
    }

    @Test(
        "a bad value names setting, source, value and what is allowed",
        arguments: [
            ("port", "65536", "a whole number from 0 to 65535"), ("port", "http", "a whole number from 0 to 65535"),
            ("host", "", "an IPv4 or IPv6 address"), ("workers", "0", "auto or a whole number from 1 to 256"),
            ("backend", "cuda", "one of auto, openblas, native"),
            ("queue-length", "-1", "a whole number from 0 to 10000"),
            ("default-size", "10x10", "WIDTHxHEIGHT, max:LONGER_SIDE (each from 75 to 8192) or original"),
            ("log-format", "xml", "one of text, json"),
            ("log-level", "loud", "one of trace, debug, info, notice, warning, error, critical"),
        ])
    func badValues(name: String, value: String, allowed: String) async {
        await #expect(
            throws: ConfigurationError.invalidValue(
                setting: name, source: .flag(name: name), value: value, allowed: allowed)
        ) { try await load(flags: [(name, value)]) }
    }

    @Test("an unknown variable with the service's prefix is an error, any other is not ours")
    func unknownVariable() async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            try await load(environment: ["DEEPDREAM_FOO": "1"])
        }
        #expect(error?.description.hasPrefix("environment variable DEEPDREAM_FOO: there is no setting 'foo'") == true)
        #expect(error?.description.contains("DEEPDREAM_QUEUE_LENGTH") == true)
        #expect(try await load(environment: ["DREAM_FOO": "1"]) == ServiceConfiguration())
    }

    @Test(
        "an error of the file names file and line",
        arguments: [
            ("port: 5000\nprot: 5001\n", 2, "there is no setting 'prot'"),
            ("# comment\n\nport: many\n", 3, "port cannot be 'many'"),
            ("port: 1\nport: 2\n", 1, "set more than once: port"),
            ("port: [1, 2]\n", 1, "'port' must have one plain value"),
            ("- port\n", 1, "expected lines of 'setting: value'"),
            ("port: 1\n  host: x\n", 2, "mapping values are not allowed"),
        ])
    func badFiles(text: String, line: Int, message: String) async {
        let error = await #expect(throws: ConfigurationError.self) { try await load(file: text) }
        let description = error?.description ?? ""
        #expect(description.contains("deepdream.yaml:\(line): "), "\(description)")
        #expect(description.contains(message), "\(description)")
    }

    @Test("a file that is not there is an error, unless it is the default one")
    func missingFile() {
        #expect(throws: ConfigurationError.unreadableFile(path: "/nowhere.yaml", reason: "No such file or directory")) {
            try ServiceConfiguration.load(file: "/nowhere.yaml", environment: [:], flags: [])
        }
    }

    @Test("a flag given twice is an error")
    func repeatedFlag() async {
        await #expect(throws: ConfigurationError.repeatedSetting(name: "port", source: .flag(name: "port"))) {
            try await load(flags: [("port", "1"), ("port", "2")])
        }
    }

    @Test(
        "left to itself the service uses every processor, and one for each dream",
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

    @Test("the backend is what the setting says, or the faster one on this CPU")
    func backend() async throws {
        for backend in Backend.allCases {
            let configuration = try await load(environment: ["DEEPDREAM_BACKEND": backend.rawValue])
            #expect(configuration.computeOptions(available: 1).backend == backend)
        }
        #expect(try await load(flags: [("backend", "auto")]).computeOptions(available: 1).backend == .fastest)
    }

    @Test(
        "settings that do not go together are an error that says how to mend it",
        arguments: [
            ([("processors", "9")], "processors is 9, but this process may use 8; lower it, or set it to auto"),
            (
                [("processors", "2"), ("workers", "3")],
                "workers is 3, but processors is 2, and each dream needs one; lower workers, or set it to auto"
            ),
            (
                [("max-upload-bytes", "3000"), ("max-uploads-bytes", "2000")],
                "max-upload-bytes is 3000, but all uploads together may have max-uploads-bytes, 2000"
            ),
            (
                [("default-size", "2000x2000")],
                "default-size is 2000x2000, 4000000 pixels, but max-output-pixels is 2100000"
            ),
        ] as [([(String, String)], String)])
    func conflicts(flags: [(String, String)], message: String) async {
        await #expect(throws: ConfigurationError.conflict(message)) {
            try await load(flags: flags.map { (name: $0, value: $1) }, available: 8)
        }
    }

    @Test(
        "a control group's quota counts as whole processors, rounded up",
        arguments: [
            ("max 100000", nil), ("200000 100000", 2), ("150000 100000", 2), ("100001 100000", 2), ("50000 100000", 1),
            ("-1 100000", nil), ("", nil),
        ])
    func quota(text: String, expected: Int?) {
        #expect(Processors.quota(inCpuMax: text) == expected)
    }

    @Test(
        "the least quota of the process's control group and those around it counts",
        arguments: [
            // Version 2: of the group, of one around it, in a container that sees its own group at the mount.
            ("0::/service.slice/dream", ["service.slice/dream/cpu.max": "300000 100000"], 3),
            (
                "0::/service.slice/dream",
                ["service.slice/dream/cpu.max": "max 100000", "service.slice/cpu.max": "150000 100000"], 2
            ),
            ("0::/docker/4f1", ["cpu.max": "400000 100000", "docker/cpu.max": "500000 100000"], 4),
            ("0::/../elsewhere", ["cpu.max": "100000 100000", "elsewhere/cpu.max": "1 1"], 1),
            // Version 1, where memory's groups say nothing of processors.
            (
                "5:memory:/a\n4:cpuset,cpu:/a/b\n0::/",
                ["cpu/a/b/cpu.cfs_quota_us": "250000\n", "cpu/a/b/cpu.cfs_period_us": "100000\n", "a/cpu.max": "1 1"], 3
            ),
            ("4:cpu:/a", ["cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"], nil),
            ("", ["cpu.max": "1 1"], nil),
            ("nonsense\n\n1:cpu", [:], nil),
        ] as [(String, [String: String], Int?)])
    func groups(list: String, files: [String: String], expected: Int?) async throws {
        try await TestFiles.withDirectory { mount in
            for (path, text) in files {
                let file = mount.appending(path: path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            #expect(Processors.quota(ofGroups: list, under: mount.path) == expected)
        }
    }

    @Test("the file in Config/ sets what it shows: the defaults")
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
