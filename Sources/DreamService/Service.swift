import DeepDream
import Dispatch
import HTTPServer
import Logging
import VisionNet

/// The service at work: models, queue, workers and the HTTP server before them.
public final class Service: Sendable {
    /// Where it listens; the configured port, or the one that the system chose for 0.
    public let port: Int

    private let configuration: ServiceConfiguration
    private let logger: Logger
    private let queue: JobQueue
    private let workers: WorkerPool
    private let endpoints: Endpoints
    private let server: HTTPServer

    /// Loads the models, starts the workers and opens the socket; from then on requests are answered.
    ///
    /// - Throws: what is wrong with a model or the address.
    public convenience init(configuration: ServiceConfiguration, logger: Logger) throws {
        let catalog = try ModelCatalog(configuration, logger: logger)
        let options = configuration.computeOptions()
        try self.init(configuration: configuration, catalog: catalog, logger: logger) {
            PhotoDreamer(catalog: catalog, configuration: configuration, options: options)
        }
    }

    /// - Parameter makeProcessor: what each worker dreams with.
    package init(
        configuration: ServiceConfiguration, catalog: ModelCatalog, logger: Logger,
        makeProcessor: @escaping @Sendable () -> any JobProcessor
    ) throws {
        let queue = JobQueue(capacity: configuration.queueLength, workers: configuration.workerCount())
        let endpoints = Endpoints(configuration: configuration, catalog: catalog, queue: queue, logger: logger)
        var http = HTTPServerConfiguration(host: configuration.host, port: configuration.port)
        http.connectionLimit = configuration.connectionLimit
        http.connectionLimitPerAddress = configuration.connectionsPerAddress
        http.idleTimeout = .seconds(configuration.idleTimeoutSeconds)
        http.uploadDeadline = .seconds(configuration.transferDeadlineSeconds)
        http.responseDeadline = .seconds(configuration.transferDeadlineSeconds)
        // A client that sends somewhat too much is heard out, so that it reads why it was refused.
        http.discardedBodyBytes = max(http.discardedBodyBytes, 2 * configuration.maxUploadBytes)
        self.configuration = configuration
        self.logger = logger
        self.queue = queue
        self.endpoints = endpoints
        // The socket first: a port in use should not leave workers behind.
        server = try HTTPServer(configuration: http, handler: endpoints)
        port = server.port
        workers = WorkerPool(queue: queue, makeProcessor: makeProcessor)
        logger.notice(
            "listening",
            metadata: [
                "host": "\(configuration.host)", "port": "\(port)", "workers": "\(queue.workers)",
                "processors": "\(configuration.processorCount())",
                "backend": "\((configuration.backend ?? .fastest).rawValue)",
                "models": "\(catalog.entries.map(\.name).joined(separator: ","))",
            ])
    }

    /// How many jobs are where.
    package var counts: JobQueue.Counts { queue.counts }

    /// Stops in good order: not ready, no new connections, the jobs at hand finished within the grace, the others
    /// cancelled and their clients told, the socket closed.
    public func stop() {
        let counts = queue.counts
        logger.notice(
            "stopping", metadata: ["running": "\(counts.running)", "waiting": "\(counts.waiting)"])
        endpoints.startDraining()
        queue.close()
        server.stopAccepting()
        if !queue.drain(within: .seconds(configuration.shutdownGraceSeconds)) {
            logger.warning(
                "grace is over", metadata: ["running": "\(queue.counts.running)", "waiting": "\(queue.counts.waiting)"])
            queue.cancelAll(.shuttingDown)
            queue.drain()
        }
        workers.join()
        server.stop()
        logger.notice(
            "stopped", metadata: ["done": "\(queue.counts.done)", "cancelled": "\(queue.counts.cancelled)"])
    }
}
