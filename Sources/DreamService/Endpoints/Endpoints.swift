import DeepDream
import Dispatch
import HTTPServer
import Logging
import Synchronization

/// Answers requests and submits jobs. It runs on the HTTP thread, so nothing here computes or blocks.
package final class Endpoints: RequestHandler {
    private let configuration: LiveConfiguration
    private let catalog: ModelCatalog
    private let queue: JobQueue
    private let logger: Logger
    private let metrics: Metrics
    private let uploads: UploadMemory
    private let memory: MemoryForecast
    private let clients: Clients
    private let results: ResultCache
    private let jobs: JobEndpoints
    private let sights: SightEndpoints
    private let channels: ChannelEndpoints
    private let evolutions: EvolutionEndpoints
    /// Identifies what computes, for the dreams' identities.
    private let computation: String
    private let isDraining = Atomic(false)
    private let longestStepSeconds: Double
    // Made once, because the models do not change while the service runs.
    private let models: Mutex<Response>
    private let openAPI: OpenAPIResponses

    /// - Parameters:
    ///   - computation: identifies what computes (`ServiceConfiguration.computeIdentity`).
    ///   - longestStepSeconds: how long a step may take before the worker counts as stuck.
    init(
        configuration: LiveConfiguration, catalog: ModelCatalog, queue: JobQueue, computation: String,
        longestStepSeconds: Double, metrics: Metrics, memory: MemoryForecast, jobs: JobEndpoints,
        channels: ChannelEndpoints, logger: Logger
    ) throws {
        self.configuration = configuration
        self.catalog = catalog
        self.queue = queue
        self.metrics = metrics
        self.memory = memory
        self.jobs = jobs
        self.channels = channels
        evolutions = EvolutionEndpoints(catalog: catalog)
        self.logger = logger
        self.computation = computation
        self.longestStepSeconds = longestStepSeconds
        sights = SightEndpoints(
            queue: queue, catalog: catalog, configuration: configuration, metrics: metrics, memory: memory,
            logger: logger)
        let results = ResultCache(capacity: configuration.current.resultCacheBytes)
        queue.memory.add(.init(bytes: { results.usedBytes }, empty: { results.removeAll() }))
        self.results = results
        uploads = UploadMemory(capacity: memory.uploadBytes(configuration.current), of: queue.memory)
        clients = Clients(configuration.current)
        models = Mutex(.json(ModelsDocument(catalog, defaultSize: configuration.current.defaultSize)))
        openAPI = try OpenAPIResponses()
    }

    /// These endpoints, with the header fields that every answer has: what browsers may do with it, also pages of other
    /// origins, and the trace of its request.
    ///
    /// - Parameter list: the setting `cors-origins`, which has been checked.
    func withCommonHeaders(corsOrigins list: String) -> any RequestHandler {
        let origins = CrossOrigins(list: list)
        return HeaderAddingHandler(handler: self) { head in
            var fields = SecurityHeaders.fields(for: head)
            fields += origins?.fields(for: head) ?? []
            if let trace = TraceContext(head) { fields.append(("traceparent", trace.parent)) }
            return fields
        }
    }

    /// Makes `/readyz` answer 503 from now on.
    package func startDraining() {
        isDraining.store(true, ordering: .relaxed)
    }

    /// Takes over the limits of the configuration, which has changed.
    package func applyConfiguration() {
        clients.apply(configuration.current)
        uploads.setCapacity(memory.uploadBytes(configuration.current))
        // The new limits may forbid what was dreamt before.
        results.removeAll()
        channels.applyConfiguration()
        results.setCapacity(configuration.current.resultCacheBytes)
        let document = Response.json(ModelsDocument(catalog, defaultSize: configuration.current.defaultSize))
        models.withLock { $0 = document }
    }

    /// What the service answers.
    private enum Route: Sendable {
        case studio, dream, see, channel, evolve, models, version, openAPIYAML, openAPIJSON, alive, ready, metrics
        case submitJob, job, cancelJob, jobResult, jobEvents

        /// Whether monitoring asks for it all the time.
        var isProbe: Bool { self == .alive || self == .ready || self == .metrics }

        /// Whether it needs no key: what a browser or an orchestrator asks for before it can have one. The numbers of
        /// `/metrics` tell how the service is used, so they need one.
        var isOpen: Bool { [.studio, .version, .openAPIYAML, .openAPIJSON, .alive, .ready].contains(self) }

        /// Whether a request brings a photo.
        var takesPhoto: Bool { self == .dream || self == .see || self == .submitJob }
    }

    private static let routes: [(method: String, pattern: String, route: Route)] = [
        ("GET", "/", .studio),
        ("GET", "/studio/{version}/{file}", .studio),
        ("GET", "/studio/{version}/strings/{file}", .studio),
        ("POST", "/deepdream", .dream),
        ("POST", "/activations", .see),
        ("POST", "/evolutions", .evolve),
        ("POST", "/jobs", .submitJob),
        ("GET", "/jobs/{id}", .job),
        ("DELETE", "/jobs/{id}", .cancelJob),
        ("GET", "/jobs/{id}/result", .jobResult),
        ("GET", "/jobs/{id}/events", .jobEvents),
        ("GET", "/models", .models),
        ("GET", "/models/{model}/layers/{layer}/channels/{channel}", .channel),
        ("GET", "/version", .version),
        ("GET", "/openapi.yaml", .openAPIYAML),
        ("GET", "/openapi.json", .openAPIJSON),
        ("GET", "/healthz", .alive),
        ("GET", "/readyz", .ready),
        ("GET", "/metrics", .metrics),
    ]

    /// What a client can ask for, such as `POST /deepdream`; the studio's own files are left out.
    package static let operations = routes.filter { !$0.pattern.hasPrefix("/studio/") }
        .map { "\($0.method) \($0.pattern)" }

    private static let router: Router<(route: Route, pattern: String)> = {
        var router = Router<(route: Route, pattern: String)>()
        for (method, pattern, route) in routes { router.add(method, pattern, (route, pattern)) }
        return router
    }()

    /// Whether a client wants a 202 at once instead of the dream (RFC 7240).
    private static func prefersJob(_ head: RequestHead) -> Bool {
        head.headers.values(of: "Prefer").flatMap { $0.split { ",;".contains($0) } }
            .contains { $0.filter { $0 != " " }.lowercased() == "respond-async" }
    }

    package func admit(_ head: RequestHead) -> Admission {
        let route: Route
        switch Self.router.match(method: head.method, path: head.path) {
        case .found(let found, _): route = found.route
        case .noPath: return .refuse(Problem.notFound(path: head.path).response(to: head.id))
        case .noMethod(let allowed):
            if head.method == "OPTIONS" {
                let list = (allowed + ["OPTIONS"]).joined(separator: ", ")
                return .refuse(Response(status: 204, headers: ["Allow": list]).identified(by: head.id))
            }
            return .refuse(Problem.methodNotAllowed(head.method, allowed: allowed).response(to: head.id))
        }
        do throws(Problem) {
            if head.isBeyondConnectionLimit, !route.isProbe { throw .tooManyConnections }
            if !route.isOpen { try clients.checkKey(head) }
            if route == .evolve {
                return .accept(
                    maximumBodyBytes: EvolutionEndpoints.maximumBodyBytes, takesFiles: BodyType(head) == .json)
            }
            return route.takesPhoto ? try admitPhoto(head, to: route) : .accept(maximumBodyBytes: 0)
        } catch {
            return .refuse(error.response(to: head.id))
        }
    }

    private func admitPhoto(_ head: RequestHead, to route: Route) throws(Problem) -> Admission {
        if route == .see || route == .dream && !Self.prefersJob(head) {
            // Refuse before the upload: it would be in vain if the queue is full.
            do { try queue.checkPlace() } catch { throw Problem(error) }
        } else if isDraining.load(ordering: .relaxed) {
            throw .shuttingDown
        }
        let place = try clients.takePlace(head, retryAfterSeconds: queue.secondsUntilPlace)
        let maximum = configuration.current.maxUploadBytes
        // The server refuses longer bodies.
        let announced = head.announcedBodyBytes.map { min($0, UInt64(maximum)) }
        guard let reservation = uploads.begin(announced: announced) else {
            throw .uploadMemoryFull(retryAfterSeconds: queue.secondsUntilPlace)
        }
        return .accept(
            maximumBodyBytes: maximum, takesFiles: BodyType(head) != nil,
            reservation: RequestReservation(upload: reservation, place: place))
    }

    package func handle(_ request: Request, _ exchange: any Exchange) {
        let id = request.head.id
        guard
            case .found(let found, let parameters) = Self.router.match(
                method: request.head.method, path: request.head.path)
        else { return exchange.respond(Problem.notFound(path: request.head.path).response(to: id)) }
        let job = parameters["id"] ?? ""
        switch found.route {
        case .dream where Self.prefersJob(request.head): submitJob(request, exchange, isPreference: true)
        case .dream:
            // Not on the HTTP thread: a large photo in base64 takes a while to decode.
            DispatchQueue.global().async { self.dream(request, exchange) }
        case .see: sights.see(request, exchange)
        case .evolve: evolutions.breed(request, exchange)
        case .channel:
            channels.picture(parameters, request, exchange) { [clients, queue] () throws(Problem) in
                try clients.takePlace(request.head, retryAfterSeconds: queue.secondsUntilPlace)
            }
        case .studio:
            let file = StudioResponses.response(to: request.head)?.identified(by: id)
            exchange.respond(file ?? Problem.notFound(path: request.head.path).response(to: id))
        case .version: exchange.respond(.json(VersionDocument.current).identified(by: id))
        case .openAPIYAML: exchange.respond(openAPI.yaml(for: request.head).identified(by: id))
        case .openAPIJSON: exchange.respond(openAPI.json(for: request.head).identified(by: id))
        case .models: exchange.respond(models.withLock { $0 }.identified(by: id))
        case .alive: exchange.respond(.json(["status": "alive"]).identified(by: id))
        case .ready: exchange.respond(readinessAnswer.identified(by: id))
        case .metrics: exchange.respond(metricsPage.identified(by: id))
        case .submitJob: submitJob(request, exchange, isPreference: false)
        case .job: jobs.status(job, request, exchange)
        case .cancelJob: jobs.cancel(job, request, exchange)
        case .jobResult: jobs.result(job, request, exchange)
        case .jobEvents: jobs.events(job, request, exchange)
        }
    }

    package func response(to failure: RequestFailure, of head: RequestHead) -> Response {
        if failure == .noMemory {
            return Problem.uploadMemoryFull(retryAfterSeconds: queue.secondsUntilPlace).response(to: head.id)
        }
        return Problem(failure).response(to: head.id)
    }

    package func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration) {
        var found: (route: Route, pattern: String)?
        if case .found(let match, _) = Self.router.match(method: head.method, path: head.path) { found = match }
        metrics.countRequest(
            route: found?.pattern, method: head.method, status: status, problem: label, duration: duration)
        var metadata: Logger.Metadata = [
            "request": "\(head.id)", "method": "\(head.method)", "path": "\(head.path)",
            "status": status.map { .stringConvertible($0) } ?? "none",
            "ms": .stringConvertible(duration.milliseconds),
        ]
        if let label { metadata["problem"] = "\(label)" }
        metadata.merge(clients.metadata(of: head)) { own, _ in own }
        logger.log(level: found?.route.isProbe == true ? .debug : .info, "request", metadata: metadata)
    }

    // MARK: POST /deepdream

    private func dream(_ request: Request, _ exchange: any Exchange) {
        let id = request.head.id
        let configuration = configuration.current
        do throws(Problem) {
            let form = try DreamRequest(request, catalog: catalog, defaultSize: configuration.defaultSize)
            if let callback = form.callback { throw .callbackWithoutJob(callback) }
            try SizeLimit(maximumPixels: configuration.maxOutputPixels).check(form.recipe.size)
            let identity = try identity(of: form)
            if let response = repeated(form, identity, of: request.head) {
                return exchange.respond(response.identified(by: id))
            }
            let cost = try cost(of: form, limit: configuration.deadlineSeconds)
            try charge(cost, to: request)
            let job = Job(
                id: id, upload: form.image?.bytes ?? [], mask: form.mask?.bytes, guide: form.guide?.bytes,
                recipe: form.recipe, cost: cost,
                memory: try memory.check(form, configuration: configuration) ?? 0,
                timeLimit: .seconds(configuration.deadlineSeconds), reservation: request.reservation
            ) { [self] report in
                exchange.respond(response(to: id, form, identity, report))
            }
            do {
                try queue.submit(job)
            } catch {
                throw Problem(error)
            }
            exchange.onDisconnect { [queue, logger] in
                queue.cancel(job, .clientLeft)
                logger.debug("client left", metadata: ["request": "\(id)"])
            }
        } catch {
            exchange.respond(error.response(to: id))
        }
    }

    private func submitJob(_ request: Request, _ exchange: any Exchange, isPreference: Bool) {
        jobs.submit(request, exchange, isPreference: isPreference) { [self] cost throws(Problem) in
            try charge(cost, to: request)
        }
    }

    private func charge(_ cost: JobCost?, to request: Request) throws(Problem) {
        try clients.charge(cost, to: (request.reservation as? RequestReservation)?.place, queue: queue)
    }

    /// What the dream will cost; nil if that is not known, as for a photo that cannot be read. The worker says why.
    ///
    /// - Parameter limit: how long it may compute, in seconds.
    private func cost(of request: DreamRequest, limit: Int) throws(Problem) -> JobCost? {
        guard let entry = try? catalog.entry(named: request.recipe.model) else { return nil }
        return try JobForecast(throughput: queue.throughput, model: entry.model)
            .check(request, configuration: configuration.current, limit: limit)
    }

    private func identity(of request: DreamRequest) throws(Problem) -> DreamIdentity {
        do {
            return DreamIdentity(
                files: request.files, recipe: request.recipe,
                weights: try catalog.entry(named: request.recipe.model).weights, computation: computation)
        } catch {
            throw Problem(error)
        }
    }

    /// The response to a request whose dream its client or this service has already; nil if it must be dreamt.
    private func repeated(_ request: DreamRequest, _ identity: DreamIdentity, of head: RequestHead) -> Response? {
        let tag = identity.entityTag(of: request.answer)
        if EntityTags(head.headers.values(of: "If-None-Match")).contains(tag) {
            metrics.countRepeat()
            return .notModified(tag: tag)
        }
        let directives = head.headers.values(of: "Cache-Control").flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " }.lowercased() }
        let asksAnew = directives.contains("no-cache") || directives.contains("no-store")
        // Without memory for the answer, it is dreamt when there is some.
        guard !asksAnew, var dream = results.result(for: identity),
            let share = queue.memory.take(dream.bytes.count)
        else { return nil }
        dream.memory = share
        metrics.countRepeat()
        logger.info("repeated", metadata: ["request": "\(head.id)", "recipe": "\(dream.recipe.canonical)"])
        return .dream(dream, as: request.answer, photoName: request.image?.name, tag: tag, queued: nil)
    }

    /// Logs the end of a job and makes the response to its request.
    private func response(
        to id: String, _ request: DreamRequest, _ identity: DreamIdentity, _ report: Job.Report
    ) -> Response {
        metrics.countJob(report)
        var metadata: Logger.Metadata = [
            "request": "\(id)", "queue_ms": .stringConvertible(report.queued.milliseconds),
            "computing_ms": .stringConvertible(report.computing.milliseconds),
        ]
        switch report.outcome {
        case .success(let dream):
            for (name, duration) in dream.stages { metadata["\(name)_ms"] = .stringConvertible(duration.milliseconds) }
            metadata["recipe"] = "\(dream.recipe.canonical)"
            metadata["bytes"] = .stringConvertible(dream.bytes.count)
            metadata["memory"] = .stringConvertible(report.memory)
            if !dream.warnings.isEmpty { metadata["photo"] = "\(dream.warnings.joined(separator: "; "))" }
            logger.info("dreamt", metadata: metadata)
            results.keep(dream, for: identity)
            // JSON has the picture in base64, and for a moment twice.
            if request.answer == .json, dream.memory?.grow(by: 3 * dream.bytes.count) == false {
                return Problem.memoryFull(retryAfterSeconds: queue.secondsUntilPlace).response(to: id)
            }
            return .dream(
                dream, as: request.answer, photoName: request.image?.name, tag: identity.entityTag(of: request.answer),
                queued: report.queued
            ).identified(by: id)
        case .failure(let error):
            let problem = Problem(error, deadlineSeconds: configuration.current.deadlineSeconds)
            metadata["recipe"] = "\(request.recipe.canonical)"
            metadata["problem"] = "\(problem.kind)"
            metadata["reason"] = "\(problem.cause ?? problem.detail)"
            logger.log(level: problem.status == 500 ? .error : .info, "not dreamt", metadata: metadata)
            return problem.response(to: id)
        }
    }

    // MARK: GET /readyz

    private var readiness: Readiness {
        if isDraining.load(ordering: .relaxed) { return .draining }
        if queue.longestStepSeconds ?? 0 > longestStepSeconds { return .stuck }
        return queue.isFull ? .full : .ready
    }

    private var readinessAnswer: Response {
        let counts = queue.counts
        let readiness = readiness
        let document = ReadinessDocument(
            status: readiness.rawValue,
            queue: .init(
                waiting: counts.waiting, capacity: queue.capacity, running: counts.running, workers: queue.workers),
            jobs: .init(
                done: counts.done, cancelled: counts.cancelled, failed: counts.failed, refused: counts.refused))
        return .json(document, status: readiness == .ready ? 200 : 503)
    }

    // MARK: GET /metrics

    private var metricsPage: Response {
        var snapshot = Metrics.Snapshot(
            catalog: catalog, isReady: readiness == .ready, queue: queue.counts,
            queueCapacity: queue.capacity, workers: queue.workers, uploadBytes: uploads.usedBytes,
            maximumUploadBytes: memory.uploadBytes(configuration.current))
        snapshot.memoryBytes = queue.memory.reservedBytes + queue.memory.cachedBytes
        snapshot.memoryCapacity = queue.memory.capacity
        snapshot.backlogSeconds = queue.backlogSeconds
        snapshot.speeds = queue.throughput.speeds
        let text = metrics.text(snapshot)
        return Response(
            status: 200, headers: ["Content-Type": PrometheusText.mediaType, "Cache-Control": "no-store"],
            body: Array(text.utf8))
    }
}
