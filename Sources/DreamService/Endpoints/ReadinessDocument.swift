/// Whether the service takes jobs.
enum Readiness: String {
    case ready
    /// The queue has no room.
    case full
    /// A worker makes no progress.
    case stuck
    /// The service is stopping.
    case draining
}

/// The answer to `GET /readyz`.
struct ReadinessDocument: Encodable {
    struct Queue: Encodable {
        let waiting, capacity, running, workers: Int
    }

    /// How many jobs have ended in each way since the start, and how many were refused.
    struct Jobs: Encodable {
        let done, cancelled, failed, refused: Int
    }

    let status: String
    let queue: Queue
    let jobs: Jobs
}
