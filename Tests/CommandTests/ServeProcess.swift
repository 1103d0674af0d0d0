import DreamService
import Foundation
import TestSupport
import Testing

/// A service that runs as a process of its own.
struct ServeProcess {
    let process: Subprocess
    let url: String

    /// An environment without settings. The empty file keeps the service from reading this machine's file in /etc.
    static let environment = ["PATH": "/usr/bin:/bin", "DEEPDREAM_CONFIG": "/dev/null"]

    struct NotServing: Error {
        let reason: String
    }

    private struct Listening: Decodable {
        let version: String
        let port: Int
    }

    /// Starts a service on a free port, and waits until it listens.
    ///
    /// - Parameters:
    ///   - flags: settings.
    ///   - variables: added to the environment.
    ///   - limits: what the shell does before, such as `ulimit -n 64`.
    static func start(
        _ flags: [String], variables: [String: String] = [:], limits: String? = nil
    ) async throws -> ServeProcess {
        let command =
            [Programs.deepdream, "serve", "--host", "127.0.0.1", "--port", "0", "--log-format", "json"] + flags
        let service = try Subprocess(
            (limits.map { ["bash", "-c", "\($0) && exec \"$0\" \"$@\""] } ?? []) + command,
            environment: environment.merging(variables) { $1 })
        guard let line = try await service.errorLines.first(where: { $0.contains("\"listening\"") }) else {
            throw NotServing(reason: await service.wait().errors)
        }
        let event = try JSONDecoder().decode(Listening.self, from: Data(line.utf8))
        #expect(event.version == Version.current)
        return ServeProcess(process: service, url: "http://127.0.0.1:\(event.port)")
    }
}
