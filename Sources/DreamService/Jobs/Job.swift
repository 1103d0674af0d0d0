import DeepDream
import Synchronization

/// One photo to dream, from its acceptance to its outcome.
package final class Job: Sendable {
    /// What became of a job, and how long it took.
    package struct Report: Sendable {
        package let outcome: Result<JobResult, any Error>
        /// From submission until a worker took the job, or it ended without one.
        package let queued: Duration
        /// From there to its end.
        package let computing: Duration
    }

    /// The request's identity, for logs.
    package let id: String
    /// The uploaded file.
    package let upload: [UInt8]
    package let recipe: Recipe
    /// What is to be kept until the job has ended.
    private let reservation: Mutex<(any AnyObject & Sendable)?>
    private let submitted = ContinuousClock.now
    private let cancellation = Mutex<JobCancellation?>(nil)
    private let completion: @Sendable (Report) -> Void

    /// - Parameters:
    ///   - reservation: what is to be kept until the job has ended.
    ///   - completion: called once, by a worker or by whoever cancels the job while it waits.
    package init(
        id: String, upload: [UInt8], recipe: Recipe, reservation: (any AnyObject & Sendable)? = nil,
        completion: @escaping @Sendable (Report) -> Void
    ) {
        self.id = id
        self.upload = upload
        self.recipe = recipe
        self.reservation = Mutex(reservation)
        self.completion = completion
    }

    /// Asks the job to end; a worker sees it between two steps. The first reason counts.
    func markCancelled(_ reason: JobCancellation) {
        cancellation.withLock { $0 = $0 ?? reason }
    }

    /// - Throws: the `JobCancellation` if the job has been cancelled.
    package func checkCancellation() throws(JobCancellation) {
        if let reason = cancellation.withLock({ $0 }) { throw reason }
    }

    /// Reports the outcome. Whoever took the job out of the queue calls this, so it happens once.
    ///
    /// - Parameter started: when a worker took the job; nil where none did.
    /// - Returns: how long it computed.
    @discardableResult
    func finish(_ outcome: Result<JobResult, any Error>, started: ContinuousClock.Instant?) -> Duration {
        let now = ContinuousClock.now
        let report = Report(
            outcome: outcome, queued: submitted.duration(to: started ?? now),
            computing: (started ?? now).duration(to: now))
        // Before the client knows, so that its next request finds it free.
        reservation.withLock { $0 = nil }
        completion(report)
        return report.computing
    }
}
