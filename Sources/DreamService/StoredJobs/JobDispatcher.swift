import DeepDream
import Dispatch
import Imaging
import JobStore
import Logging
import Synchronization

/// Passes stored jobs to the queue, as many at a time as there are workers, and their outcomes back to the store.
///
/// So a stored job runs like one whose client waits, but lets those go first.
final class JobDispatcher: Sendable {
    private struct State {
        /// The jobs that the queue has.
        var active: [String: Job] = [:]
        /// How many jobs have ended whose outcome the store does not know yet.
        var ended = 0
        /// Whether leases could be renewed at the last tick. If not, they may be over, and to claim jobs would be to
        /// start some again that run here.
        var hasRenewedLeases = true
        var isStopped = false
    }

    /// How long a job may stay without a sign of life before it is started again.
    private static let lease = Duration.seconds(60)
    /// How often leases are renewed, expired jobs forgotten, and outcomes written again that found no room.
    private static let tick = Duration.seconds(2)
    /// The longer side of previews, in pixels.
    private static let previewSide = 256
    private static let previewQuality = 75

    private let store: any JobStore
    private let queue: JobQueue
    private let board: JobBoard
    private let catalog: ModelCatalog
    private let configuration: LiveConfiguration
    private let metrics: Metrics
    private let forecast: MemoryForecast
    private let logger: Logger
    /// Identifies this process to the store.
    private let worker = JobEnvelope.newIdentifier()
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let tasks = Mutex<[Task<Void, Never>]>([])
    /// Entered for each job until the store knows its outcome, and for the tasks.
    private let unfinished = DispatchGroup()

    init(
        store: any JobStore, queue: JobQueue, board: JobBoard, catalog: ModelCatalog, configuration: LiveConfiguration,
        metrics: Metrics, memory forecast: MemoryForecast, logger: Logger
    ) {
        self.store = store
        self.queue = queue
        self.board = board
        self.catalog = catalog
        self.configuration = configuration
        self.metrics = metrics
        self.forecast = forecast
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How fast jobs are.
    var throughput: Throughput { queue.throughput }

    /// Where results that are read take their memory.
    var memory: MemoryBudget { queue.memory }

    /// Begins to take jobs from the store.
    func start() {
        unfinished.enter()
        let claiming = Task {
            defer { unfinished.leave() }
            for await _ in signals { await claimJobs() }
        }
        unfinished.enter()
        let ticking = Task {
            defer { unfinished.leave() }
            while !Task.isCancelled {
                await renewLeases()
                notify()
                try? await Task.sleep(for: Self.tick)
            }
        }
        tasks.withLock { $0 = [claiming, ticking] }
    }

    /// Says that there may be a job to take, or a worker for it.
    func notify() {
        signal.yield()
    }

    /// Takes no more jobs from now on. Those that run may finish.
    func stop() {
        state.withLock { $0.isStopped = true }
        signal.finish()
        for task in tasks.withLock({ $0 }) { task.cancel() }
    }

    /// Waits until the store knows the outcome of every job, and is not used any more. Call it when the queue has ended
    /// the jobs.
    func drain() {
        unfinished.wait()
    }

    /// Cancels a job: at once if it waits, before its next step if it runs.
    ///
    /// - Returns: the job's record; nil if there is no such job.
    func cancel(_ id: String) async throws -> JobRecord? {
        guard let record = try await store.cancel(id) else { return nil }
        if record.state == .cancelled {
            if let job = state.withLock({ $0.active[id] }) { queue.cancel(job, .clientLeft) }
            board.end(record)
        }
        return record
    }

    // MARK: Taking jobs

    private func claimJobs() async {
        do {
            while mayClaim {
                guard let claimed = try await store.claim(worker: worker, lease: Self.lease),
                    try await run(claimed)
                else { return }
            }
        } catch {
            logger.error("job store", metadata: ["reason": "\(error)"])
        }
    }

    private var mayClaim: Bool {
        state.withLock { state in
            // Those that have ended count, so that no more dreams than these wait for room on the disk.
            !state.isStopped && state.hasRenewedLeases && state.active.count + state.ended < queue.workers
        }
    }

    /// Passes a claimed job to the queue.
    ///
    /// - Returns: false if the queue is full, or there is no memory for the uploads; then the job waits again, until
    ///   the next tick.
    private func run(_ claimed: JobRecord) async throws -> Bool {
        let (id, envelope) = (claimed.id, claimed.envelope)
        // Before the uploads are read.
        guard let share = queue.memory.take(claimed.bytes) else {
            try await store.release(id, worker: worker)
            return false
        }
        guard let files = try await store.uploads(id) else {
            try await fail(id, .lostUpload)
            return true
        }
        let recipe: Recipe
        let memory: Int
        do {
            recipe = try self.recipe(of: envelope)
            // It may have been accepted by a process with more memory.
            memory = try forecast.check(recipe, files: files, configuration: configuration.current) ?? 0
        } catch {
            try await fail(id, JobFailure(Problem(error, deadlineSeconds: 0)))
            return true
        }
        let job = Job(
            id: envelope.request, upload: files["image"] ?? [], mask: files["mask"], guide: files["guide"],
            recipe: recipe, cost: cost(of: recipe, photo: files["image"]), memory: memory,
            timeLimit: .seconds(configuration.current.jobDeadlineSeconds), clientWaits: false, reservation: share,
            onStart: { [self] in noteStart(id) },
            observer: { [board] progress, picture in
                board.step(id, progress: progress.fraction)
                guard board.wantsPreview(id) else { return }
                if let preview = Self.preview(picture()) { board.show(id, preview: preview) }
            },
            completion: { report in
                Task { await self.end(envelope, recipe, report) }
            })
        unfinished.enter()
        state.withLock { $0.active[id] = job }
        board.begin(id)
        do {
            try queue.submit(job)
        } catch {
            defer { unfinished.leave() }
            state.withLock { $0.active[id] = nil }
            board.pause(id)
            try await store.release(id, worker: worker)
            return false
        }
        return true
    }

    /// Has the store count a start, and waits for that: what comes next may end the process.
    private func noteStart(_ id: String) {
        let isNoted = DispatchSemaphore(value: 0)
        Task {
            do {
                try await store.start(id, worker: worker)
            } catch {
                // Its end may still be written.
                logger.error("job store", metadata: ["job": "\(id)", "reason": "\(error)"])
            }
            isNoted.signal()
        }
        isNoted.wait()
    }

    /// What a dream will cost; nil if its photo cannot be read.
    private func cost(of recipe: Recipe, photo: [UInt8]?) -> JobCost? {
        guard let model = try? catalog.entry(named: recipe.model).model else { return nil }
        var size: (width: Int, height: Int)?
        if let photo {
            guard let info = try? ImageDecoder().inspect(photo) else { return nil }
            size = (info.width, info.height)
        }
        return JobCost(recipe, model: model, size: recipe.dreamSize(forPhoto: size))
    }

    private func recipe(of envelope: JobEnvelope) throws -> Recipe {
        let pairs = Recipe.pairs(of: envelope.recipe)
        var recipe = Recipe.plain(model: "")
        try recipe.apply(pairs)
        try recipe.validate(for: catalog.entry(named: recipe.model).model)
        return recipe
    }

    private static func preview(_ picture: Image) -> [UInt8]? {
        let (width, height) = OutputSize.longerSide(previewSide)
            .resolved(forWidth: picture.width, height: picture.height)
        return try? picture.resized(width: width, height: height, filter: .triangle)
            .encoded(as: .jpeg, quality: previewQuality)
    }

    // MARK: Outcomes

    private func end(_ envelope: JobEnvelope, _ recipe: Recipe, _ report: Job.Report) async {
        let id = envelope.id
        let isPostponed = lacksMemoryForNow(envelope, report)
        state.withLock { state in
            // With its uploads, whose memory counts as free from now on.
            state.active[id] = nil
            state.ended += 1
        }
        defer {
            state.withLock { $0.ended -= 1 }
            unfinished.leave()
            // A postponed job is tried again at the next tick: at once there would be as little memory.
            if !isPostponed { notify() }
        }
        if !isPostponed { metrics.countJob(report) }
        var metadata: Logger.Metadata = [
            "job": "\(id)", "computing_ms": .stringConvertible(report.computing.milliseconds),
            "recipe": "\(recipe.canonical)",
        ]
        do {
            switch report.outcome {
            case .success(let dream):
                metadata["bytes"] = .stringConvertible(dream.bytes.count)
                let record = try await whenThereIsRoom(for: id) {
                    try await store.finish(id, worker: worker, result: dream.bytes, recipe: dream.recipe.canonical)
                }
                if let record {
                    logger.info("dreamt", metadata: metadata)
                    board.end(record)
                }
            case .failure(JobCancellation.shuttingDown):
                try await store.release(id, worker: worker)
                board.pause(id)
            case .failure where isPostponed:
                logger.info("no memory yet", metadata: ["job": "\(id)"])
                try await whenThereIsRoom(for: id) { try await store.release(id, worker: worker) }
                board.pause(id)
            case .failure(JobCancellation.clientLeft):
                // `cancel` has told the store, or another process has the job.
                board.forget(id)
            case .failure(let error):
                let problem = Problem(error, deadlineSeconds: configuration.current.jobDeadlineSeconds)
                metadata["problem"] = "\(problem.kind)"
                metadata["reason"] = "\(problem.cause ?? problem.detail)"
                logger.log(level: problem.status == 500 ? .error : .info, "not dreamt", metadata: metadata)
                try await whenThereIsRoom(for: id) { try await fail(id, JobFailure(problem)) }
            }
        } catch {
            logger.error("job store", metadata: ["job": "\(id)", "reason": "\(error)"])
            // A full disk is not the job's fault, so this start does not count.
            if case JobStoreError.diskFull = error { try? await store.release(id, worker: worker) }
            // Else its lease would be renewed for as long as this process runs, and nobody could start it again.
            board.pause(id)
        }
    }

    /// Calls the store until its disk has room for what has become of a job, or the service stops.
    ///
    /// Meanwhile the job is still ours, and its dream keeps its memory, but no worker.
    private func whenThereIsRoom<Value>(for id: String, _ call: () async throws -> Value) async throws -> Value {
        var hasFailed = false
        while true {
            do {
                return try await call()
            } catch JobStoreError.diskFull where !state.withLock({ $0.isStopped }) {
                if !hasFailed { logger.warning("no room on the disk yet", metadata: ["job": "\(id)"]) }
                hasFailed = true
                try? await Task.sleep(for: Self.tick)
            }
        }
    }

    private func fail(_ id: String, _ failure: JobFailure) async throws {
        if let record = try await store.fail(id, worker: worker, failure: failure) { board.end(record) }
    }

    /// Whether a job has not begun because the system lacks memory, and may still wait for it.
    private func lacksMemoryForNow(_ envelope: JobEnvelope, _ report: Job.Report) -> Bool {
        guard case .failure(is ScarceMemory) = report.outcome else { return false }
        return -envelope.submitted.timeIntervalSinceNow < Double(configuration.current.jobDeadlineSeconds)
    }

    private func renewLeases() async {
        do {
            for (id, progress) in board.activeProgress {
                let isOurs = try await store.heartbeat(id, worker: worker, lease: Self.lease, progress: progress)
                if !isOurs, let job = state.withLock({ $0.active[id] }) { queue.cancel(job, .clientLeft) }
            }
            try await store.sweep()
            state.withLock { $0.hasRenewedLeases = true }
        } catch {
            state.withLock { $0.hasRenewedLeases = false }
            logger.error("job store", metadata: ["reason": "\(error)"])
        }
        do {
            for id in board.watchedElsewhere {
                if let record = try await store.record(id) { board.update(record) }
            }
        } catch {
            logger.error("job store", metadata: ["reason": "\(error)"])
        }
    }
}
