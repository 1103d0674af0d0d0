import Synchronization

/// Counts the jobs of each client that wait or run, so that no client takes all places: the setting `jobs-per-client`.
final class ClientPlaces: Sendable {
    /// A client's place for one job, until this object is deallocated.
    final class Place: Sendable {
        private let client: String
        private let places: ClientPlaces

        fileprivate init(client: String, of places: ClientPlaces) {
            self.client = client
            self.places = places
        }

        deinit { places.leave(client) }
    }

    private let counts = Mutex<[String: Int]>([:])

    /// Takes a place.
    ///
    /// - Parameter limit: how many jobs one client can have; nil for any number.
    /// - Returns: nil if the client has as many already.
    func take(for client: String, limit: Int?) -> Place? {
        let isFree = counts.withLock { counts in
            let count = counts[client] ?? 0
            guard count < limit ?? .max else { return false }
            counts[client] = count + 1
            return true
        }
        return isFree ? Place(client: client, of: self) : nil
    }

    private func leave(_ client: String) {
        counts.withLock { counts in
            let count = (counts[client] ?? 0) - 1
            counts[client] = count > 0 ? count : nil
        }
    }
}
