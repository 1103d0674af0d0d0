import FoundationEssentials
import HTTPServer
import JobStore

/// A job as its client sees it.
struct JobDocument: Encodable {
    let id: String
    let state: JobState
    /// How many jobs will be started before this one.
    let queuePosition: Int?
    /// How much of the work is done, 0...1: steps count by their pixels.
    let progress: Double
    let secondsLeft: Double?
    let recipe: String
    let submitted: String
    let finished, expires: String?
    let error: Problem.Document?
    /// Addresses, relative to the directory of `/jobs`, so that they are right behind every proxy.
    let links: Links

    struct Links: Encodable {
        let job, events: String
        let result: String?
    }

    /// - Parameter entry: what the board knows that the record does not; nil if nothing.
    init(_ record: JobRecord, entry: JobBoard.Entry?) {
        let running = record.state.isFinal ? nil : entry
        id = record.id
        state = record.state
        queuePosition = record.position
        progress = running.map { max($0.progress, record.progress) } ?? record.progress
        secondsLeft = running?.secondsLeft?.roundedToTenths
        recipe = record.resultRecipe ?? record.envelope.recipe
        submitted = Self.text(record.envelope.submitted)
        finished = record.finished.map(Self.text)
        expires = record.expires.map(Self.text)
        error = record.failure.map { Problem($0).document(instance: record.envelope.request) }
        links = Links(
            job: "jobs/\(record.id)", events: "jobs/\(record.id)/events",
            result: record.state == .done ? "jobs/\(record.id)/result" : nil)
    }

    private static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private enum CodingKeys: String, CodingKey {
        case id, state, progress, recipe, submitted, finished, expires, error, links
        case queuePosition = "queue_position"
        case secondsLeft = "seconds_left"
    }
}

/// How far a job has come, as an event tells it.
struct JobProgressDocument: Encodable {
    let state: JobState
    let queuePosition: Int?
    let progress: Double
    let secondsLeft: Double?

    init(_ entry: JobBoard.Entry) {
        state = entry.state
        queuePosition = entry.position
        progress = (entry.progress * 10_000).rounded() / 10_000
        secondsLeft = entry.secondsLeft?.roundedToTenths
    }

    private enum CodingKeys: String, CodingKey {
        case state, progress
        case queuePosition = "queue_position"
        case secondsLeft = "seconds_left"
    }
}

extension Double {
    fileprivate var roundedToTenths: Double { (self * 10).rounded() / 10 }
}

extension Problem {
    /// The problem that a job failed with.
    init(_ failure: JobFailure) {
        self.init(
            failure.status, failure.kind, title: failure.title, detail: failure.detail, field: failure.field,
            value: failure.value, allowed: failure.allowed)
    }
}

extension JobFailure {
    init(_ problem: Problem) {
        self.init(
            status: problem.status, kind: problem.kind, title: problem.title, detail: problem.detail,
            field: problem.field, value: problem.value, allowed: problem.allowed)
    }
}
