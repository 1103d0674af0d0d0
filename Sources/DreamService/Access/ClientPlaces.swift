import Synchronization

/// Counts the jobs of each client that wait or run, and how long they will compute, so that no client takes all places:
/// the settings `jobs-per-client` and `seconds-per-client`.
final class ClientPlaces: Sendable {
    /// A client's place for one job, until this object is deallocated.
    final class Place: Sendable {
        private let client: String
        private let places: ClientPlaces
        private let seconds = Mutex(0.0)

        fileprivate init(client: String, of places: ClientPlaces) {
            self.client = client
            self.places = places
        }

        /// Counts how long the job will compute.
        ///
        /// - Parameter limit: how many seconds the jobs of one client can compute together; nil for any number. A job
        ///   can take longer if it is the client's only one.
        /// - Returns: false if the job would pass the limit; then it counts as before.
        func charge(_ seconds: Double, limit: Int?) -> Bool {
            guard places.charge(seconds, to: client, limit: limit) else { return false }
            self.seconds.withLock { $0 += seconds }
            return true
        }

        deinit { places.leave(client, seconds: seconds.withLock { $0 }) }
    }

    private let counts = Mutex<[String: (jobs: Int, seconds: Double)]>([:])

    /// Takes a place.
    ///
    /// - Parameter limit: how many jobs one client can have; nil for any number.
    /// - Returns: nil if the client has as many already.
    func take(for client: String, limit: Int?) -> Place? {
        let isFree = counts.withLock { counts in
            let count = counts[client] ?? (0, 0)
            guard count.jobs < limit ?? .max else { return false }
            counts[client] = (count.jobs + 1, count.seconds)
            return true
        }
        return isFree ? Place(client: client, of: self) : nil
    }

    private func charge(_ seconds: Double, to client: String, limit: Int?) -> Bool {
        counts.withLock { counts in
            guard let count = counts[client] else { return false }
            let sum = count.seconds + seconds
            guard count.jobs == 1 || sum <= limit.map(Double.init) ?? .infinity else { return false }
            counts[client] = (count.jobs, sum)
            return true
        }
    }

    private func leave(_ client: String, seconds: Double) {
        counts.withLock { counts in
            guard let count = counts[client] else { return }
            counts[client] = count.jobs > 1 ? (count.jobs - 1, count.seconds - seconds) : nil
        }
    }
}
