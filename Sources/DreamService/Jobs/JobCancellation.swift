/// Why a job was cancelled.
package enum JobCancellation: Error, Equatable, Sendable {
    /// The client disconnected.
    case clientLeft
    /// The job was not finished within `deadline-seconds`.
    case deadlinePassed
    /// The service is stopping, and `shutdown-grace-seconds` have passed.
    case shuttingDown
}
