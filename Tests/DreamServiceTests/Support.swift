import DeepDream
import Dispatch
import DreamService
import Foundation
import HTTPServer
import Logging
import TestSupport
import VisionNet

/// A service on a free port of 127.0.0.1, with its log.
struct TestService: Sendable {
    let port: Int
    let log: Lines
    /// How many jobs are where.
    let counts: @Sendable () -> JobQueue.Counts

    var url: String { "http://127.0.0.1:\(port)" }

    /// Runs a service for as long as `body` runs.
    ///
    /// - Parameters:
    ///   - onStart: called when a worker takes a job.
    ///   - endlessly: whether dreams go on until they are cancelled.
    ///   - makeProcessor: instead of dreaming.
    static func run(
        configure: (inout ServiceConfiguration) -> Void = { _ in },
        onStart: @escaping @Sendable () -> Void = {},
        endlessly: Bool = false,
        makeProcessor: (@Sendable () -> any JobProcessor)? = nil,
        _ body: (TestService) async throws -> Void
    ) async throws {
        var configuration = ServiceConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.workers = 1
        configuration.shutdownGraceSeconds = 0
        configure(&configuration)
        let log = Lines()
        let logger = Logger(label: "test") { _ in
            StructuredLogHandler(format: .text, level: .trace) { log.append($0) }
        }
        let model = try VisionModel.embedded()
        let catalog = ModelCatalog(default: try .init(name: model.name, model: model))
        let options = configuration.computeOptions()
        let server = try Service(configuration: configuration, catalog: catalog, logger: logger) {
            [configuration] in
            makeProcessor?()
                ?? AnnouncingProcessor(
                    onStart: onStart, endlessly: endlessly,
                    processor: PhotoDreamer(catalog: catalog, configuration: configuration, options: options))
        }
        do {
            try await body(TestService(port: server.port, log: log, counts: { server.counts }))
        } catch {
            await stop(server)
            throw error
        }
        await stop(server)
    }

    private static func stop(_ server: Service) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                server.stop()
                continuation.resume()
            }
        }
    }

    /// Runs curl with these arguments, the last of them a path of the service.
    func curl(_ arguments: String..., input: [UInt8] = []) async throws -> Answer {
        let result = try await start(arguments, input: input).wait()
        return try Answer(result)
    }

    /// Starts curl with these arguments, the last of them a path of the service.
    func start(_ arguments: [String], input: [UInt8] = []) throws -> Subprocess {
        try Subprocess(
            ["curl", "-sS", "-i", "--max-time", "120"] + arguments.dropLast() + [url + (arguments.last ?? "")],
            input: input)
    }
}

/// An HTTP answer as curl prints it with `-i`.
struct Answer {
    let status: Int
    let headers: Headers
    let body: [UInt8]

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The members of a body that is a JSON object, numbers as text.
    var json: [String: String] {
        let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        return object.mapValues { "\($0)" }
    }

    init(_ result: Subprocess.Result) throws {
        var rest = result.output[...]
        var head: [String] = []
        repeat {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else {
                throw Malformed(description: "curl \(result.status): \(result.errors)")
            }
            head = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            rest = rest[end.upperBound...]
            // An interim answer, 100 Continue, stands before the real one.
        } while head.first?.hasPrefix("HTTP/1.1 1") == true
        var headers = Headers()
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers.append(String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        status = Int(head[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        self.headers = headers
        body = Array(rest)
    }
}

/// Dreams, and says when it starts.
private struct AnnouncingProcessor: JobProcessor {
    let onStart: @Sendable () -> Void
    /// Dreams the same again and again, until the job is cancelled.
    let endlessly: Bool
    let processor: PhotoDreamer

    func dream(_ job: Job) throws -> JobResult {
        onStart()
        while endlessly { _ = try processor.dream(job) }
        return try processor.dream(job)
    }
}
