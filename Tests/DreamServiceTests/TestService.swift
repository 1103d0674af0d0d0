import DeepDream
import Dispatch
import DreamService
import Foundation
import Logging
import TestSupport
import VisionNet

/// A running service on a free port of 127.0.0.1, and its log.
struct TestService: Sendable {
    let port: Int
    let log: Lines
    /// How many jobs wait and run, and how many have ended in which way.
    let counts: @Sendable () -> JobQueue.Counts

    /// How long curl waits for an answer. A dream can take much longer than `WaitLimit` on a slow machine.
    private static let clientSeconds = 600

    /// How many services run at once. Each has threads that wait, and Dispatch runs 255 threads at most: with a service
    /// for each test, all tests would wait for threads that wait for others.
    private static let places = Places(16)

    var url: String { "http://127.0.0.1:\(port)" }

    /// Starts a service, and stops it when `body` has ended.
    ///
    /// - Parameters:
    ///   - onStart: called when a worker takes a job.
    ///   - isEndless: whether dreams go on until they are cancelled.
    ///   - throughput: how fast dreams are, as far as that is known.
    ///   - longestStepSeconds: how long a step may take before the worker counts as stuck.
    ///   - makeProcessor: makes processors that replace the real ones.
    static func run(
        configure: (inout ServiceConfiguration) -> Void = { _ in },
        onStart: @escaping @Sendable () throws -> Void = {},
        isEndless: Bool = false,
        throughput: Throughput = Throughput(),
        longestStepSeconds: Double = 120,
        makeProcessor: (@Sendable () -> any JobProcessor)? = nil,
        _ body: (TestService) async throws -> Void
    ) async throws {
        await places.take()
        defer { places.free() }
        var configuration = ServiceConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.workers = 1
        configuration.shutdownGraceSeconds = 0
        let directory = FileManager.default.temporaryDirectory.appending(path: "deepdream-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        configuration.dataDirectory = directory.path
        // So that a repeated request is dreamt again.
        configuration.resultCacheBytes = 0
        configure(&configuration)
        let log = Lines()
        let logger = Logger(label: "test") { _ in
            StructuredLogHandler(format: .text, level: LogLevel(.trace)) { log.append($0) }
        }
        let model = try VisionModel.embedded()
        let catalog = try ModelCatalog(
            default: try .init(name: model.name, model: model), presets: configuration.presets)
        let options = configuration.computeOptions()
        let server = try Service(
            configuration: configuration, catalog: catalog, throughput: throughput,
            longestStepSeconds: longestStepSeconds, logger: logger
        ) { configuration in
            makeProcessor?()
                ?? AnnouncingProcessor(
                    onStart: onStart, isEndless: isEndless,
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
            // A thread of its own, because it waits for others.
            Thread.detachNewThread {
                server.stop()
                continuation.resume()
            }
        }
    }

    /// Runs curl. The last argument is the path and query of the URL.
    func curl(_ arguments: String..., input: [UInt8] = []) async throws -> Answer {
        let result = try await start(arguments, input: input).wait()
        return try Answer(result)
    }

    /// Starts curl. The last argument is the path and query of the URL.
    func start(_ arguments: [String], input: [UInt8] = []) throws -> Subprocess {
        try Subprocess(
            ["curl", "-sS", "-i", "--max-time", "\(Self.clientSeconds)"] + arguments.dropLast() + [
                url + (arguments.last ?? "")
            ],
            input: input)
    }
}
