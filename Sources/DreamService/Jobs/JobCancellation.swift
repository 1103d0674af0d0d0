/// Why a job ended before its dream was done.
package enum JobCancellation: Error, Equatable, Sendable {
    /// The client hung up.
    case clientLeft
    /// It was not done within the deadline.
    case deadlinePassed
    /// The service stops, and its grace is over.
    case shuttingDown
}
