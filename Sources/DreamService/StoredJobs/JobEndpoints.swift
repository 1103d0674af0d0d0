import DeepDream
import HTTPServer
import Imaging
import JobStore
import Logging

/// `/jobs`: dreams that go on without a connection.
///
/// Nothing here runs on the HTTP thread: requests are answered by tasks.
final class JobEndpoints: Sendable {
    private let store: any JobStore
    private let dispatcher: JobDispatcher
    private let board: JobBoard
    private let catalog: ModelCatalog
    private let configuration: LiveConfiguration
    private let memory: MemoryForecast
    private let logger: Logger

    init(
        store: any JobStore, dispatcher: JobDispatcher, board: JobBoard, catalog: ModelCatalog,
        configuration: LiveConfiguration, memory: MemoryForecast, logger: Logger
    ) {
        self.store = store
        self.dispatcher = dispatcher
        self.board = board
        self.catalog = catalog
        self.configuration = configuration
        self.memory = memory
        self.logger = logger
    }

    /// Answers a request that submits a job.
    ///
    /// - Parameters:
    ///   - isPreference: whether the client preferred this to an answer with the dream.
    ///   - charge: counts what the job will cost against what its client may have.
    func submit(
        _ request: Request, _ exchange: any Exchange, isPreference: Bool,
        charge: @escaping @Sendable (JobCost?) throws(Problem) -> Void
    ) {
        answer(request, exchange) { [self] in
            let configuration = configuration.current
            let form = try DreamRequest(request, catalog: catalog, defaultSize: configuration.defaultSize)
            let limit = SizeLimit(maximumPixels: configuration.maxOutputPixels)
            try limit.check(form.recipe.size)
            if let image = form.image {
                // A picture that can never be decoded is refused now, and not when nobody waits any more.
                let decoder = ImageDecoder(limits: ImageLimits(maximumPixels: configuration.maxPixels))
                let info = try decoder.inspect(image.bytes)
                try decoder.limits.check(width: info.width, height: info.height)
                _ = try limit.resolved(form.recipe, photo: (info.width, info.height))
            }
            if let callback = form.callback { try CallbackHosts(configuration).check(callback) }
            let model = try catalog.entry(named: form.recipe.model).model
            let cost = try JobForecast(throughput: dispatcher.throughput, model: model)
                .check(form, configuration: configuration, limit: configuration.jobDeadlineSeconds)
            try charge(cost)
            _ = try memory.check(form, configuration: configuration)
            let key = try Self.idempotencyKey(request.head)
            let envelope = JobEnvelope(
                recipe: form.recipe.canonical, photoName: form.image?.name, idempotencyKey: key,
                requestDigest: DreamIdentity(files: form.files, recipe: form.recipe, weights: "", computation: "")
                    .digest,
                request: request.head.id, callback: form.callback)
            let place = (request.reservation as? RequestReservation)?.place
            // Before the job can be started, and with it end.
            if let place { board.keep(place, for: envelope.id) }
            let record: JobRecord
            do {
                record = try await store.submit(envelope, files: form.files)
            } catch {
                board.release(envelope.id)
                throw error
            }
            if record.id != envelope.id { board.release(envelope.id) }
            dispatcher.notify()
            logger.info(
                record.id == envelope.id ? "submitted" : "submitted again",
                metadata: ["request": "\(request.head.id)", "job": "\(record.id)"])
            var response = Response.json(JobDocument(record, entry: board.entry(record.id)), status: 202)
            response.headers.append("Location", "/jobs/\(record.id)")
            if isPreference { response.headers.append("Preference-Applied", "respond-async") }
            return response
        }
    }

    func status(_ id: String, _ request: Request, _ exchange: any Exchange) {
        answer(request, exchange) { [self] in
            .json(JobDocument(try await record(id), entry: board.entry(id)))
        }
    }

    func result(_ id: String, _ request: Request, _ exchange: any Exchange) {
        answer(request, exchange) { [self] in
            let record = try await record(id)
            switch record.state {
            case .waiting, .running: throw Problem.jobNotDone(record.state.rawValue)
            case .cancelled: throw Problem.jobCancelled
            case .failed: throw record.failure.map { Problem($0) } ?? Problem.noJob(id)
            case .done:
                // Before it is read.
                guard let share = dispatcher.memory.take(record.bytes) else {
                    throw Problem.memoryFull(retryAfterSeconds: 5)
                }
                guard let bytes = try await store.result(id), let text = record.resultRecipe else {
                    throw Problem.noJob(id)
                }
                var recipe = Recipe.plain(model: "")
                try recipe.apply(Recipe.pairs(of: text))
                return .result(bytes, recipe: recipe, photoName: record.envelope.photoName, id: id).keeping(share)
            }
        }
    }

    func events(_ id: String, _ request: Request, _ exchange: any Exchange) {
        answer(request, exchange) { [self] in
            let record = try await record(id)
            // This tells a browser's EventSource not to connect again.
            if request.head.headers["Last-Event-ID"] == JobEvents.lastEventID { return Response(status: 204) }
            return JobEvents.response(record, board: board)
        }
    }

    func cancel(_ id: String, _ request: Request, _ exchange: any Exchange) {
        answer(request, exchange) { [self] in
            guard JobEnvelope.isIdentifier(id), let record = try await dispatcher.cancel(id) else {
                throw Problem.noJob(id)
            }
            if record.state == .cancelled {
                logger.info("cancelled", metadata: ["request": "\(request.head.id)", "job": "\(id)"])
            }
            return .json(JobDocument(record, entry: nil))
        }
    }

    private func record(_ id: String) async throws -> JobRecord {
        guard JobEnvelope.isIdentifier(id), let record = try await store.record(id) else { throw Problem.noJob(id) }
        return record
    }

    private static func idempotencyKey(_ head: RequestHead) throws(Problem) -> String? {
        guard let key = head.headers["Idempotency-Key"] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) || $0 == 0x20 })
        else { throw .badIdempotencyKey(key) }
        return key
    }

    /// Answers with what `make` returns, or with the problem that it throws.
    private func answer(
        _ request: Request, _ exchange: any Exchange, _ make: @escaping @Sendable () async throws -> Response
    ) {
        Task {
            let id = request.head.id
            do {
                exchange.respond(try await make().identified(by: id))
            } catch {
                let problem = Self.problem(error, configuration.current)
                if problem.status == 500 {
                    logger.error(
                        "failed", metadata: ["request": "\(id)", "reason": "\(problem.cause ?? problem.detail)"])
                }
                exchange.respond(problem.response(to: id))
            }
        }
    }

    private static func problem(_ error: any Error, _ configuration: ServiceConfiguration) -> Problem {
        switch error {
        case JobStoreError.full: .storeFull
        case JobStoreError.diskFull: .diskFull
        case JobStoreError.keyReused(let key): .idempotencyKeyReused(key)
        default: Problem(error, deadlineSeconds: configuration.deadlineSeconds)
        }
    }
}

extension Problem {
    static func noJob(_ id: String) -> Problem {
        Problem(
            404, "no-job", title: "There is no such job",
            detail: "no job has this identifier, or its result has expired", value: id)
    }

    static func jobNotDone(_ state: String) -> Problem {
        Problem(
            409, "job-not-done", title: "The job is not done",
            detail: "the job is \(state); watch its events, or ask again later", headers: ["Retry-After": "2"])
    }

    static let jobCancelled = Problem(
        410, "job-cancelled", title: "The job was cancelled", detail: "the job was cancelled and has no result")

    static let storeFull = Problem(
        503, "store-full", title: "The service is busy",
        detail: "the jobs that wait and run take all of the store; try again in 30 seconds",
        headers: ["Retry-After": "30"])

    static let diskFull = Problem(
        503, "store-full", title: "The service is busy",
        detail: "there is no room for the job on the service's disk; try again in 60 seconds",
        headers: ["Retry-After": "60"])

    static func idempotencyKeyReused(_ key: String) -> Problem {
        Problem(
            422, "idempotency-key-reused", title: "The idempotency key belongs to another request",
            detail:
                "the photo or the recipe is not that of the earlier request; use a new Idempotency-Key for each job",
            field: "Idempotency-Key", value: key)
    }

    static func badIdempotencyKey(_ key: String) -> Problem {
        Problem(
            400, "invalid-field", title: "A field has a value that is not allowed",
            detail: "Idempotency-Key must have 1 to 255 visible ASCII characters", field: "Idempotency-Key",
            value: key, allowed: "1 to 255 visible ASCII characters")
    }
}
