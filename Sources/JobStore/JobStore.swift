/// Keeps jobs until they are done and their results until they expire, so that jobs outlive connections and, if the
/// store is on a disk, the process.
///
/// A worker claims a job for the time of a lease and renews the lease while it works. A job whose lease has ended is
/// claimed again, at most ``JobRecord/mostAttempts`` times; then it has failed. So each accepted job ends once: done,
/// failed or cancelled.
///
/// The calls are asynchronous, because a store may be another program on another machine. Those that change something
/// throw `JobStoreError.diskFull` while there is no room for the change, and change nothing.
public protocol JobStore: Sendable {
    /// Accepts a job. A job with the same idempotency key as an earlier one is not accepted again.
    ///
    /// - Parameter files: the uploads, by the names of their fields.
    /// - Returns: the job's record, or that of the earlier job.
    /// - Throws: `JobStoreError.full`, `.diskFull`, `.keyReused`, or what is wrong with the store.
    func submit(_ envelope: JobEnvelope, files: [String: [UInt8]]) async throws -> JobRecord

    /// Takes the job that has waited longest.
    ///
    /// - Parameters:
    ///   - worker: identifies who takes the job.
    ///   - lease: how long it may stay away without ``heartbeat(_:worker:lease:progress:)``.
    /// - Returns: nil if no job waits.
    func claim(worker: String, lease: Duration) async throws -> JobRecord?

    /// The uploads of a job that waits or runs, by the names of their fields. They take ``JobRecord/bytes`` of memory.
    ///
    /// - Returns: nil if they cannot be read any more.
    func uploads(_ id: String) async throws -> [String: [UInt8]]?

    /// Notes that a claimed job is started. A job that was started often without an end counts as one that ends its
    /// process.
    func start(_ id: String, worker: String) async throws

    /// Renews a lease and notes how much of the work is done, 0...1.
    ///
    /// - Returns: false if the job is not the worker's any more, because it was cancelled or its lease had ended; then
    ///   the worker must drop it.
    func heartbeat(_ id: String, worker: String, lease: Duration, progress: Double) async throws -> Bool

    /// Gives a claimed job back, as if it had never been claimed.
    func release(_ id: String, worker: String) async throws

    /// Ends a job with its result.
    ///
    /// - Returns: the job's record; nil if the job is not the worker's any more, and the result was not kept.
    func finish(_ id: String, worker: String, result: [UInt8], recipe: String) async throws -> JobRecord?

    /// Ends a job with an error that another attempt would meet again.
    ///
    /// - Returns: the job's record; nil if the job is not the worker's any more.
    func fail(_ id: String, worker: String, failure: JobFailure) async throws -> JobRecord?

    /// Cancels a job that waits or runs. A job that has ended stays as it is.
    ///
    /// - Returns: the job's record; nil if there is no such job.
    func cancel(_ id: String) async throws -> JobRecord?

    /// The job with this identifier; nil if there is none, or its result has expired.
    func record(_ id: String) async throws -> JobRecord?

    /// The result of a job; nil if it has none. It takes ``JobRecord/bytes`` of memory.
    func result(_ id: String) async throws -> [UInt8]?

    /// Takes a job that has ended and whose callback is due. The callback is due again after the next of
    /// ``JobRecord/callbackDelays``, unless ``endCallback(_:)`` says before that it has arrived.
    ///
    /// - Returns: nil if no callback is due.
    func claimCallback() async throws -> JobRecord?

    /// Notes that a callback has arrived, or that it never will.
    func endCallback(_ id: String) async throws

    /// How many jobs wait and run.
    func counts() async throws -> (waiting: Int, running: Int)

    /// Forgets jobs that ended too long ago, and lets the jobs whose leases have ended wait again.
    func sweep() async throws
}
