import HTTPServer
import Logging
import Synchronization

/// Tells who sends a request, whether they may, and how many jobs they have.
package final class Clients: Sendable {
    private struct Rules {
        var keys: APIKeys?
        var proxies: [AddressRange]
        var jobLimit, secondsLimit: Int?

        init(_ configuration: ServiceConfiguration) {
            keys = APIKeys(list: configuration.apiKeys)
            proxies = AddressRange.list(configuration.trustedProxies) ?? []
            jobLimit = configuration.jobsPerClient
            secondsLimit = configuration.secondsPerClient
        }
    }

    private let rules: Mutex<Rules>
    private let places = ClientPlaces()

    package init(_ configuration: ServiceConfiguration) {
        rules = Mutex(Rules(configuration))
    }

    /// Takes over the settings of the configuration, which has changed.
    package func apply(_ configuration: ServiceConfiguration) {
        rules.withLock { $0 = Rules(configuration) }
    }

    /// Checks the request's key, if keys are needed.
    package func checkKey(_ head: RequestHead) throws(Problem) {
        // Keys that cannot be read let nobody in. The configuration has checked them, so this does not happen.
        let keys = rules.withLock { $0.keys }
        guard keys?.areNeeded != false else { return }
        guard let key = Self.key(of: head) else { throw .keyMissing }
        guard keys?.name(of: key) != nil else { throw .keyUnknown }
    }

    /// Takes a place for a job of the client that sends this request.
    ///
    /// - Parameter retryAfterSeconds: when there is probably a place again.
    func takePlace(_ head: RequestHead, retryAfterSeconds: Int) throws(Problem) -> ClientPlaces.Place {
        let rules = rules.withLock { $0 }
        let name =
            Self.keyName(of: head, rules) ?? ClientAddress.of(head, behind: rules.proxies)
        let client = IPAddress(name)?.network ?? name
        guard let place = places.take(for: client, limit: rules.jobLimit) else {
            throw .tooManyJobs(
                limit: rules.jobLimit ?? 0,
                retryAfterSeconds: Self.wait(places.seconds(of: client), orAtLeast: retryAfterSeconds))
        }
        return place
    }

    /// When to try again, in seconds, for a client whose jobs will compute for so long.
    private static func wait(_ seconds: Double, orAtLeast least: Int) -> Int {
        max(least, Int(min(86_400, seconds.rounded(.up))))
    }

    /// Counts how long the dream will compute for which a client has a place.
    ///
    /// - Parameters:
    ///   - cost: nil if that is not known. Then it counts as nothing.
    ///   - queue: knows how fast jobs are, and when there is probably a place again.
    func charge(_ cost: JobCost?, to place: ClientPlaces.Place?, queue: JobQueue) throws(Problem) {
        guard let place, let seconds = cost.flatMap(queue.throughput.leastSeconds) else { return }
        let limit = rules.withLock { $0.secondsLimit }
        if let charged = place.charge(seconds, limit: limit) {
            throw .tooManySeconds(
                limit: limit ?? 0, retryAfterSeconds: Self.wait(charged, orAtLeast: queue.secondsUntilPlace))
        }
    }

    /// What the log says of who sent a request.
    func metadata(of head: RequestHead) -> Logger.Metadata {
        let rules = rules.withLock { $0 }
        var metadata: Logger.Metadata = ["peer": "\(head.peer)"]
        let client = ClientAddress.of(head, behind: rules.proxies)
        if client != head.peer { metadata["client"] = "\(client)" }
        if let name = Self.keyName(of: head, rules) { metadata["key"] = "\(name)" }
        if let trace = TraceContext(head)?.trace { metadata["trace"] = "\(trace)" }
        return metadata
    }

    private static func keyName(of head: RequestHead, _ rules: Rules) -> String? {
        guard let keys = rules.keys, keys.areNeeded else { return nil }
        return key(of: head).flatMap(keys.name)
    }

    /// The key in `Authorization: Bearer KEY` (RFC 6750) or `X-API-Key: KEY`.
    private static func key(of head: RequestHead) -> String? {
        if let key = head.headers["X-API-Key"] { return key }
        guard let authorization = head.headers["Authorization"] else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingPrefix { $0 == " " }.description
    }
}

extension Problem {
    static let keyMissing = Problem(
        401, "key-missing", title: "The request has no key",
        detail: "this service needs a key: send it as Authorization: Bearer KEY, or as X-API-Key: KEY",
        headers: ["WWW-Authenticate": "Bearer realm=\"deepdream\""])

    static let keyUnknown = Problem(
        401, "key-unknown", title: "The key is not known",
        detail: "the request's key is not one of this service's keys; ask its operator for one",
        headers: ["WWW-Authenticate": "Bearer realm=\"deepdream\", error=\"invalid_token\""])

    static func tooManySeconds(limit: Int, retryAfterSeconds seconds: Int) -> Problem {
        Problem(
            429, "too-many-jobs", title: "The client's jobs take too long together",
            detail: "the dreams of one client that wait or run can take \(limit) seconds together; try again in "
                + "\(seconds) seconds, or ask for a smaller size or fewer steps",
            allowed: "at most \(limit) seconds", headers: ["Retry-After": String(seconds)])
    }

    static func tooManyJobs(limit: Int, retryAfterSeconds seconds: Int) -> Problem {
        Problem(
            429, "too-many-jobs", title: "The client has too many jobs",
            detail: "one client can have \(limit) jobs that wait or run; try again in \(seconds) seconds",
            allowed: "at most \(limit) jobs", headers: ["Retry-After": String(seconds)])
    }
}
