import DeepDream
import Imaging
import Synchronization

/// A photo and a recipe that wait for their dream or are being dreamt.
package final class Job: Sendable {
    /// The outcome of a job, and how long it took.
    package struct Report: Sendable {
        package let outcome: Result<JobResult, any Error>
        /// The time from the job's creation until a worker took it, or until it ended without a worker.
        package let queued: Duration
        /// The time from then until the job's end, without that in which it let others go first.
        package let computing: Duration
        /// The most memory that it was predicted to take, in bytes.
        package var memory = 0
    }

    /// The request's identifier, for logs.
    package let id: String
    /// The uploaded photo; empty if there is none, for dreams from noise.
    package let upload: [UInt8]
    /// The uploaded mask and guide, if there are any.
    package let mask, guide: [UInt8]?
    package let recipe: Recipe
    /// What to find out of the photo instead of dreaming; nil for dreams.
    let sight: SightTask?
    /// Released when the job has ended.
    private let reservation: Mutex<(any AnyObject & Sendable)?>
    /// What the job will compute; nil if that is not known.
    let cost: JobCost?
    /// The most memory that the job will take, in bytes.
    let memory: Int
    /// That memory, while the job runs.
    private let share = Mutex<MemoryBudget.Share?>(nil)
    /// Whether a client waits for the outcome. Jobs for which none does let such jobs go first.
    let clientWaits: Bool
    private let timeLimit: Duration?
    private let submitted = ContinuousClock.now
    private let run = Mutex<Run?>(nil)
    private let cancellation = Mutex<JobCancellation?>(nil)
    private let completion: @Sendable (Report) -> Void
    /// Called after each step with a closure that makes the picture as it is then.
    let observer: Observer?
    /// Called on the worker's thread before it does anything of the job.
    let onStart: (@Sendable () -> Void)?

    /// What a worker has done of the job.
    private struct Run {
        var fraction = 0.0
        let started = ContinuousClock.now
        var lastStep = ContinuousClock.now
        /// Since when the job lets others go first; nil if it does not.
        var restStart: ContinuousClock.Instant?
        /// How long it has done so before.
        var rested = Duration.zero
        /// Called with the share of the job that a step was, and how long it took.
        let report: @Sendable (Double, Duration) -> Void
    }

    package typealias Observer = @Sendable (DreamProgress, _ picture: () -> Image) -> Void

    /// - Parameters:
    ///   - recipe: of the dream; for a sight, its model alone counts.
    ///   - cost: what the job will compute; nil if that is not known.
    ///   - memory: the most memory that the job will take, in bytes, beside its files.
    ///   - timeLimit: how long the job may take; nil for any time.
    ///   - clientWaits: whether a client waits for the outcome. Then the time counts from now; otherwise from the job's
    ///     start, and without that in which it lets others go first.
    ///   - onStart: called on the worker's thread before it does anything of the job; it may wait.
    ///   - observer: called on the worker's thread after each step, with a closure that makes the picture as it is
    ///     then.
    ///   - reservation: kept until the job has ended, then released.
    ///   - completion: called once with the outcome, on a worker's thread or on one that cancels the waiting job.
    package init(
        id: String, upload: [UInt8], mask: [UInt8]? = nil, guide: [UInt8]? = nil, recipe: Recipe,
        sight: SightTask? = nil, cost: JobCost? = nil, memory: Int = 0, timeLimit: Duration? = nil,
        clientWaits: Bool = true, reservation: (any AnyObject & Sendable)? = nil,
        onStart: (@Sendable () -> Void)? = nil, observer: Observer? = nil,
        completion: @escaping @Sendable (Report) -> Void
    ) {
        self.id = id
        (self.upload, self.mask, self.guide) = (upload, mask, guide)
        self.recipe = recipe
        self.sight = sight
        self.cost = cost
        self.memory = memory
        self.timeLimit = timeLimit
        self.clientWaits = clientWaits
        self.reservation = Mutex(reservation)
        self.onStart = onStart
        self.observer = observer
        self.completion = completion
    }

    /// Asks the job to end, which its worker checks often. Only the first reason counts.
    func markCancelled(_ reason: JobCancellation) {
        cancellation.withLock { $0 = $0 ?? reason }
    }

    /// Whether the job was cancelled.
    var isCancelled: Bool { cancellation.withLock { $0 != nil } }

    /// Throws the reason if the job was cancelled.
    package func checkCancellation() throws(JobCancellation) {
        if let reason = cancellation.withLock({ $0 }) { throw reason }
    }

    /// Notes that a worker takes the job.
    ///
    /// - Parameters:
    ///   - share: the memory that it takes.
    ///   - report: called after each step with the share of the job that it was, and how long it took.
    func begin(
        with share: MemoryBudget.Share?, _ report: @escaping @Sendable (_ share: Double, _ duration: Duration) -> Void
    ) {
        self.share.withLock { $0 = share }
        run.withLock { $0 = Run(report: report) }
    }

    /// Notes a step. Processors call it after each.
    ///
    /// - Parameters:
    ///   - fraction: how much of the work is done, 0...1.
    ///   - isTypical: whether the time since the step before tells how fast the machine is.
    package func noteStep(_ fraction: Double, isTypical: Bool = true) {
        let now = ContinuousClock.now
        let step = run.withLock { run -> (share: Double, duration: Duration, report: (Double, Duration) -> Void)? in
            guard let before = run else { return nil }
            run?.fraction = fraction
            run?.lastStep = now
            return (fraction - before.fraction, before.lastStep.duration(to: now), before.report)
        }
        if let step, isTypical { step.report(step.share, step.duration) }
    }

    /// When the job is cancelled if it has not ended. Nil for never; that is also so while nobody waits for it and it
    /// does not compute.
    var deadline: ContinuousClock.Instant? {
        guard let timeLimit else { return nil }
        if clientWaits { return submitted + timeLimit }
        guard let run = run.withLock({ $0 }), run.restStart == nil else { return nil }
        return run.started + timeLimit + run.rested
    }

    /// Whether the job lets others go first.
    var isResting: Bool { run.withLock { $0?.restStart != nil } }

    /// How long the job has let others go first.
    var rested: Duration { run.withLock { $0?.rested ?? .zero } }

    /// Notes that the job lets others go first, until `endRest`.
    func beginRest() {
        run.withLock { $0?.restStart = .now }
    }

    func endRest() {
        run.withLock { run in
            guard let start = run?.restStart else { return }
            run?.rested += start.duration(to: .now)
            run?.restStart = nil
            run?.lastStep = .now
        }
    }

    /// How much of the work is done, 0...1.
    var fraction: Double { run.withLock { $0?.fraction ?? 0 } }

    /// When a worker took the job; nil if it waits.
    var started: ContinuousClock.Instant? { run.withLock { $0?.started } }

    /// When a worker took the job or did its last step; nil if it waits.
    var lastStep: ContinuousClock.Instant? { run.withLock { $0?.lastStep } }

    /// Ends the job and reports its outcome. Only the caller that removed the job from its queue may call this, once.
    ///
    /// - Parameter started: when a worker took the job; nil if none did.
    func finish(_ outcome: Result<JobResult, any Error>, started: ContinuousClock.Instant?) {
        let now = ContinuousClock.now
        let share = share.withLock { share in
            defer { share = nil }
            return share
        }
        let outcome = outcome.map { result in
            var result = result
            share?.shrink(to: result.bytes.count)
            result.memory = share
            return result
        }
        let report = Report(
            outcome: outcome, queued: submitted.duration(to: started ?? now),
            computing: (started ?? now).duration(to: now) - rested, memory: memory)
        // Before the client gets its answer, so that the memory is free for its next request.
        reservation.withLock { $0 = nil }
        completion(report)
    }
}
