import Foundation

/// Where a job stands.
public enum JobState: String, Codable, Sendable {
    case waiting
    case running
    case done
    case failed
    case cancelled

    /// Whether the job has ended.
    public var isFinal: Bool { self != .waiting && self != .running }
}

/// Why a job failed, for its client: what a problem document has (RFC 9457).
public struct JobFailure: Codable, Sendable, Equatable {
    public let status: Int
    public let kind, title, detail: String
    public let field, value, allowed: String?

    public init(
        status: Int, kind: String, title: String, detail: String, field: String? = nil, value: String? = nil,
        allowed: String? = nil
    ) {
        (self.status, self.kind, self.title, self.detail) = (status, kind, title, detail)
        (self.field, self.value, self.allowed) = (field, value, allowed)
    }

    /// The failure of a job whose uploads cannot be read any more.
    public static let lostUpload = JobFailure(
        status: 500, kind: "lost-upload", title: "The service failed",
        detail: "the job's upload cannot be read any more")

    /// The failure of a job that ended its process, or its worker, each time it was started.
    static let tooManyAttempts = JobFailure(
        status: 500, kind: "too-many-attempts", title: "The service failed",
        detail: "the job was started \(JobRecord.mostAttempts) times, and the service stopped each time before it was "
            + "done")
}

/// A job and where it stands.
public struct JobRecord: Sendable, Equatable {
    /// How often a job is started before it counts as one that never ends.
    public static let mostAttempts = 3
    /// How long a callback that has not arrived waits for each next attempt; after the last one it is given up.
    public static let callbackDelays: [Duration] = [
        .seconds(5), .seconds(30), .seconds(300), .seconds(1800), .seconds(7200), .seconds(18_000),
    ]

    public let envelope: JobEnvelope
    public let state: JobState
    /// How many jobs will be started before this one; nil if it does not wait.
    public let position: Int?
    /// How often the job has been started.
    public let attempts: Int
    /// How much of the work is done, 0...1.
    public let progress: Double
    /// When the job was started last; nil if it waits, or was claimed and is not started yet.
    public let started: Date?
    /// When the job ended, and when it will be forgotten; nil before its end.
    public let finished, expires: Date?
    /// Why the job failed.
    public let failure: JobFailure?
    /// The recipe of the result, with the dream's exact size.
    public let resultRecipe: String?
    /// How much its files take, in bytes: its uploads while it waits and runs, then its result.
    public let bytes: Int

    public var id: String { envelope.id }
}

/// Why a store did not accept a job, or a change of one.
public enum JobStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The job does not fit beside those that wait and run.
    case full(capacityBytes: Int)
    /// The disk has no room for a file or for the database, or the process may not write so much.
    case diskFull
    /// Another request had the same idempotency key.
    case keyReused(key: String)

    public var description: String {
        switch self {
        case .full(let bytes): "the store is full: its jobs that wait and run take all of its \(bytes) bytes"
        case .diskFull: "there is no room on the disk"
        case .keyReused(let key): "the idempotency key '\(key)' belongs to another request"
        }
    }
}
