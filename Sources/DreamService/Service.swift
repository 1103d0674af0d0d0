import DeepDream
import Dispatch
import HTTPServer
import Logging
import VisionNet

/// The running service: models, job queue, workers and HTTP server.
public final class Service: Sendable {
    /// The port that the service listens on. If the configured port is 0, this is the one that the system chose.
    public let port: Int

    private let configuration: LiveConfiguration
    private let logger: Logger
    private let queue: JobQueue
    private let workers: WorkerPool
    private let endpoints: Endpoints
    private let location: JobStoreLocation
    private let dispatcher: JobDispatcher
    private let callbacks: CallbackSender
    private let server: HTTPServer

    /// Loads the models, checks that the machine computes rightly, starts the workers and listens.
    ///
    /// - Parameter droppedLogLines: how many lines of the log were dropped, for the metrics.
    /// - Throws: what is wrong with a model, the machine or the address.
    public convenience init(
        configuration: ServiceConfiguration, logger: Logger, droppedLogLines: @escaping @Sendable () -> Int = { 0 }
    ) throws {
        let catalog = try ModelCatalog(configuration, logger: logger)
        let options = configuration.computeOptions()
        let throughput = Throughput(firstSpeed: try SelfCheck.run(options))
        let metrics = Metrics(droppedLogLines: droppedLogLines)
        try self.init(
            configuration: configuration, catalog: catalog, metrics: metrics, throughput: throughput, logger: logger
        ) {
            PhotoDreamer(catalog: catalog, configuration: $0, options: options, metrics: metrics)
        }
    }

    /// - Parameters:
    ///   - metrics: the metrics in which the processors count their steps.
    ///   - throughput: how fast jobs are, as far as that is known.
    ///   - longestStepSeconds: how long a step may take before the worker counts as stuck. The longest ones, of the
    ///     largest dreams on slow machines, take some seconds.
    ///   - makeProcessor: makes the processor of each worker.
    package init(
        configuration: ServiceConfiguration, catalog: ModelCatalog, metrics: Metrics = Metrics(),
        throughput: Throughput = Throughput(), longestStepSeconds: Double = 120, logger: Logger,
        makeProcessor: @escaping @Sendable (LiveConfiguration) -> any JobProcessor
    ) throws {
        let memory = MemoryBudget(capacity: configuration.requestMemory)
        for model in catalog.entries.map(\.model) {
            model.limitCachedWeights(toBytes: min(model.cachedWeightLimit, memory.capacity / 4))
            memory.add(.init(bytes: { model.cachedWeightBytes }, empty: { model.dropCachedWeights() }))
        }
        let forecast = MemoryForecast(
            catalog: catalog, capacity: memory.capacity, backend: configuration.backend ?? .fastest)
        let fitting = forecast.defaultDreams(configuration)
        let workers = configuration.workers ?? max(1, min(configuration.workerCount(), fitting))
        let queue = JobQueue(
            capacity: configuration.queueLength, workers: workers, memory: memory, throughput: throughput)
        let live = LiveConfiguration(configuration)
        let location = try JobStoreLocation(configuration, logger: logger)
        let board = JobBoard()
        let dispatcher = JobDispatcher(
            store: location.store, queue: queue, board: board, catalog: catalog, configuration: live, metrics: metrics,
            memory: forecast, logger: logger)
        let jobs = JobEndpoints(
            store: location.store, dispatcher: dispatcher, board: board, catalog: catalog, configuration: live,
            memory: forecast, logger: logger)
        let channels = ChannelEndpoints(
            queue: queue, catalog: catalog, configuration: live,
            files: PictureFiles(directory: location.channels, capacity: configuration.channelCacheBytes),
            computation: configuration.computeIdentity, metrics: metrics, memory: forecast, logger: logger)
        let endpoints = try Endpoints(
            configuration: live, catalog: catalog, queue: queue, computation: configuration.computeIdentity,
            longestStepSeconds: longestStepSeconds, metrics: metrics, memory: forecast, jobs: jobs,
            channels: channels, logger: logger)
        var http = HTTPServerConfiguration(host: configuration.host, port: configuration.port)
        let connections = Descriptors.connections
        http.connectionReserve = min(http.connectionReserve, max(1, connections / 4))
        http.connectionLimit = min(configuration.connectionLimit, max(1, connections - http.connectionReserve))
        http.connectionLimitPerAddress = configuration.connectionsPerAddress
        http.idleTimeout = .seconds(configuration.idleTimeoutSeconds)
        http.uploadDeadline = .seconds(configuration.transferDeadlineSeconds)
        http.lowestUploadRate = configuration.lowestUploadRate
        http.responseDeadline = .seconds(configuration.transferDeadlineSeconds)
        // A client that sends up to twice too much can read why it was refused.
        http.discardedBodyBytes = max(http.discardedBodyBytes, 2 * configuration.maxUploadBytes)
        self.configuration = live
        self.logger = logger
        self.queue = queue
        self.endpoints = endpoints
        self.location = location
        self.dispatcher = dispatcher
        callbacks = CallbackSender(store: location.store, configuration: live, logger: logger)
        // The server before the workers, because it may throw, and started workers would have to be stopped then.
        server = try HTTPServer(
            configuration: http, handler: endpoints.withCommonHeaders(corsOrigins: configuration.corsOrigins))
        port = server.port
        self.workers = WorkerPool(queue: queue) { makeProcessor(live) }
        dispatcher.start()
        callbacks.start()
        logger.notice(
            "listening",
            metadata: [
                "version": "\(Version.current)", "host": "\(configuration.host)", "port": .stringConvertible(port),
                "workers": .stringConvertible(queue.workers),
                "processors": .stringConvertible(configuration.processorCount()),
                "memory": .stringConvertible(memory.capacity),
                "backend": "\((configuration.backend ?? .fastest).rawValue)",
                "models": "\(catalog.entries.map(\.name).joined(separator: ","))",
            ])
        if http.connectionLimit < configuration.connectionLimit {
            logger.warning(
                "there are too few file descriptors for connection-limit",
                metadata: [
                    "connections": .stringConvertible(http.connectionLimit),
                    "advice": "raise the limit of open files (ulimit -n, LimitNOFILE=)",
                ])
        }
        guard fitting < 1 else { return }
        logger.warning(
            "there is too little memory for a dream of the default size",
            metadata: [
                "memory": .stringConvertible(memory.capacity),
                "advice":
                    "give the service more (memory-bytes, or its control group's limit), or lower max-upload-bytes",
            ])
    }

    /// How many jobs wait and run, and how many have ended in which way.
    package var counts: JobQueue.Counts { queue.counts }

    /// Takes over the reloadable settings of another configuration, and logs which these are and which others need a
    /// restart.
    package func apply(_ other: ServiceConfiguration) {
        let (changed, needingRestart) = configuration.update(to: other)
        queue.capacity = configuration.current.queueLength
        endpoints.applyConfiguration()
        logger.notice("configuration reloaded", metadata: ["changed": "\(changed.joined(separator: ","))"])
        guard !needingRestart.isEmpty else { return }
        logger.warning(
            "these settings change only with a restart",
            metadata: ["settings": "\(needingRestart.joined(separator: ","))"])
    }

    /// Stops the service and returns when it has stopped.
    ///
    /// `/readyz` reports that the service is not ready, and new connections and jobs are refused. Accepted jobs have
    /// `shutdown-grace-seconds` to finish; then they are cancelled, and their clients get a 503. Stored jobs that are
    /// not done wait for the next start. A job that does not end within some seconds, because a codec cannot be
    /// interrupted, is not waited for.
    ///
    /// - Returns: whether all workers have ended. If not, end the process by `_exit`, as they use what `exit` destroys.
    @discardableResult
    public func stop() -> Bool {
        logger.notice("stopping", metadata: unfinished)
        endpoints.startDraining()
        dispatcher.stop()
        queue.close()
        server.stopAccepting()
        if !queue.drain(within: .seconds(configuration.current.shutdownGraceSeconds)) {
            logger.warning("grace period is over", metadata: unfinished)
            queue.cancelAll(.shuttingDown)
            if !queue.drain(within: Self.cancellationTime) {
                logger.warning("jobs do not end", metadata: unfinished)
                queue.abandonRunning(.shuttingDown)
            }
        }
        let workersHaveEnded = workers.join(within: .seconds(1))
        dispatcher.drain()
        callbacks.stop()
        server.stop()
        location.close()
        let counts = queue.counts
        logger.notice(
            "stopped",
            metadata: ["done": .stringConvertible(counts.done), "cancelled": .stringConvertible(counts.cancelled)])
        return workersHaveEnded
    }

    /// How long cancelled jobs have to end when the service stops.
    private static let cancellationTime = DispatchTimeInterval.seconds(5)

    private var unfinished: Logger.Metadata {
        let counts = queue.counts
        return ["running": .stringConvertible(counts.running), "waiting": .stringConvertible(counts.waiting)]
    }
}
