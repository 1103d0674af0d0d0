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
        /// The time from then until the job's end.
        package let computing: Duration
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
    private let submitted = ContinuousClock.now
    private let cancellation = Mutex<JobCancellation?>(nil)
    private let completion: @Sendable (Report) -> Void
    /// Called after each step with a closure that makes the picture as it is then.
    let observer: Observer?

    package typealias Observer = @Sendable (DreamProgress, _ picture: () -> Image) -> Void

    /// - Parameters:
    ///   - recipe: of the dream; for a sight, its model alone counts.
    ///   - observer: called on the worker's thread after each step, with a closure that makes the picture as it is
    ///     then.
    ///   - reservation: kept until the job has ended, then released.
    ///   - completion: called once with the outcome, on a worker's thread or on one that cancels the waiting job.
    package init(
        id: String, upload: [UInt8], mask: [UInt8]? = nil, guide: [UInt8]? = nil, recipe: Recipe,
        sight: SightTask? = nil, reservation: (any AnyObject & Sendable)? = nil, observer: Observer? = nil,
        completion: @escaping @Sendable (Report) -> Void
    ) {
        self.id = id
        (self.upload, self.mask, self.guide) = (upload, mask, guide)
        self.recipe = recipe
        self.sight = sight
        self.reservation = Mutex(reservation)
        self.observer = observer
        self.completion = completion
    }

    /// Asks the job to end, which its worker checks before each step. Only the first reason counts.
    func markCancelled(_ reason: JobCancellation) {
        cancellation.withLock { $0 = $0 ?? reason }
    }

    /// Whether the job was cancelled.
    var isCancelled: Bool { cancellation.withLock { $0 != nil } }

    /// Throws the reason if the job was cancelled.
    package func checkCancellation() throws(JobCancellation) {
        if let reason = cancellation.withLock({ $0 }) { throw reason }
    }

    /// Ends the job and reports its outcome. Only the caller that removed the job from its queue may call this, once.
    ///
    /// - Parameter started: when a worker took the job; nil if none did.
    func finish(_ outcome: Result<JobResult, any Error>, started: ContinuousClock.Instant?) {
        let now = ContinuousClock.now
        let report = Report(
            outcome: outcome, queued: submitted.duration(to: started ?? now),
            computing: (started ?? now).duration(to: now))
        // Before the client gets its answer, so that the memory is free for its next request.
        reservation.withLock { $0 = nil }
        completion(report)
    }
}
