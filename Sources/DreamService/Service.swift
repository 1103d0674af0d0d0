import DeepDream
import Dispatch
import HTTPServer
import Logging
import VisionNet

/// The running service: models, job queue, workers and HTTP server.
public final class Service: Sendable {
    /// The port that the service listens on. If the configured port is 0, this is the one that the system chose.
    public let port: Int

    private let configuration: ServiceConfiguration
    private let logger: Logger
    private let queue: JobQueue
    private let workers: WorkerPool
    private let endpoints: Endpoints
    private let server: HTTPServer

    /// Loads the models, starts the workers and listens.
    ///
    /// - Throws: what is wrong with a model or the address.
    public convenience init(configuration: ServiceConfiguration, logger: Logger) throws {
        let catalog = try ModelCatalog(configuration, logger: logger)
        let options = configuration.computeOptions()
        try self.init(configuration: configuration, catalog: catalog, logger: logger) {
            PhotoDreamer(catalog: catalog, configuration: configuration, options: options)
        }
    }

    /// - Parameter makeProcessor: makes the processor of each worker.
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
        // A client that sends up to twice too much can read why it was refused.
        http.discardedBodyBytes = max(http.discardedBodyBytes, 2 * configuration.maxUploadBytes)
        self.configuration = configuration
        self.logger = logger
        self.queue = queue
        self.endpoints = endpoints
        // The server before the workers, because it may throw, and started workers would have to be stopped then.
        server = try HTTPServer(configuration: http, handler: endpoints)
        port = server.port
        workers = WorkerPool(queue: queue, makeProcessor: makeProcessor)
        logger.notice(
            "listening",
            metadata: [
                "version": "\(Version.current)", "host": "\(configuration.host)", "port": "\(port)",
                "workers": "\(queue.workers)",
                "processors": "\(configuration.processorCount())",
                "backend": "\((configuration.backend ?? .fastest).rawValue)",
                "models": "\(catalog.entries.map(\.name).joined(separator: ","))",
            ])
    }

    /// How many jobs wait and run, and how many have ended in which way.
    package var counts: JobQueue.Counts { queue.counts }

    /// Stops the service and returns when it has stopped.
    ///
    /// `/readyz` reports that the service is not ready, and new connections and jobs are refused. Accepted jobs have
    /// `shutdown-grace-seconds` to finish; then they are cancelled, and their clients get a 503.
    public func stop() {
        let counts = queue.counts
        logger.notice(
            "stopping", metadata: ["running": "\(counts.running)", "waiting": "\(counts.waiting)"])
        endpoints.startDraining()
        queue.close()
        server.stopAccepting()
        if !queue.drain(within: .seconds(configuration.shutdownGraceSeconds)) {
            logger.warning(
                "grace period is over",
                metadata: ["running": "\(queue.counts.running)", "waiting": "\(queue.counts.waiting)"])
            queue.cancelAll(.shuttingDown)
            queue.drain()
        }
        workers.join()
        server.stop()
        logger.notice(
            "stopped", metadata: ["done": "\(queue.counts.done)", "cancelled": "\(queue.counts.cancelled)"])
    }
}
