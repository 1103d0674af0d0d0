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
        /// - Parameter limit: how many seconds the jobs of one client can compute together; nil for any number. One job
        ///   can take longer if no other of the client's is counted.
        /// - Returns: nil, or if the job would pass the limit and is not counted, how many seconds are.
        func charge(_ seconds: Double, limit: Int?) -> Double? {
            if let charged = places.charge(seconds, to: client, limit: limit) { return charged }
            self.seconds.withLock { $0 += seconds }
            return nil
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

    /// How long the jobs of a client will compute that are counted.
    func seconds(of client: String) -> Double { counts.withLock { $0[client]?.seconds ?? 0 } }

    private func charge(_ seconds: Double, to client: String, limit: Int?) -> Double? {
        counts.withLock { counts in
            guard let count = counts[client] else { return nil }
            let sum = count.seconds + seconds
            // Subtracting leaves a little.
            guard count.seconds < 0.001 || sum <= limit.map(Double.init) ?? .infinity else { return count.seconds }
            counts[client] = (count.jobs, sum)
            return nil
        }
    }

    private func leave(_ client: String, seconds: Double) {
        counts.withLock { counts in
            guard let count = counts[client] else { return }
            counts[client] = count.jobs > 1 ? (count.jobs - 1, count.seconds - seconds) : nil
        }
    }
}
