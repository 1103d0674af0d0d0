import Foundation
import JobStore
import Synchronization
import TestSupport
import Testing

@Suite("The store of jobs in SQLite")
struct SQLiteJobStoreTests {
    /// A clock that tests set.
    private final class Clock: Sendable {
        private let seconds = Mutex(1_000_000.0)
        var now: Date { Date(timeIntervalSince1970: seconds.withLock { $0 }) }
        func advance(_ interval: Double) { seconds.withLock { $0 += interval } }
    }

    private let clock = Clock()
    private static let lease = Duration.seconds(60)

    private func open(_ directory: URL, bytes: Int = 1 << 20, databasePages: Int? = nil) throws -> SQLiteJobStore {
        var limits = SQLiteJobStore.Limits(bytes: bytes, lifetime: .seconds(3600))
        limits.databasePages = databasePages
        return try SQLiteJobStore(directory: directory, limits: limits, now: { [clock] in clock.now })
    }

    /// Opens a store whose database has as many pages as it may have. There is room for small jobs, but not for
    /// `tooLong`.
    private func openFull(_ directory: URL) throws -> SQLiteJobStore {
        try open(directory).close()
        return try open(directory, databasePages: 1)
    }

    private let tooLong = String(repeating: "x", count: 100_000)

    private func envelope(_ recipe: String = "steps=1", key: String? = nil, digest: String? = nil) -> JobEnvelope {
        JobEnvelope(recipe: recipe, photoName: "a.jpg", idempotencyKey: key, requestDigest: digest, request: "r")
    }

    private func names(in directory: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "files").path).sorted()
    }

    @Test("keeps a result for which there is no room among the uploads of waiting jobs")
    func resultWithoutRoom() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory, bytes: 100)
            let id = try await store.submit(envelope("a"), files: ["image": [1]]).id
            _ = try await store.submit(envelope("b"), files: ["image": Array(repeating: 0, count: 99)])
            _ = try await store.claim(worker: "w", lease: Self.lease)
            let done = try await store.finish(id, worker: "w", result: [1, 2, 3, 4, 5], recipe: "a")
            #expect(done?.state == .done)
            #expect(try await store.result(id) == [1, 2, 3, 4, 5])
        }
    }

    @Test("hands out jobs in their order, with their uploads, and keeps their results")
    func life() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let first = try await store.submit(envelope("a"), files: ["image": [1, 2], "mask": [3]])
            let second = try await store.submit(envelope("b"), files: [:])
            #expect(first.position == 0 && second.position == 1 && first.state == .waiting)

            let claimed = try #require(try await store.claim(worker: "w", lease: Self.lease))
            #expect(claimed.id == first.id && claimed.state == .running && claimed.attempts == 0)
            try await store.start(first.id, worker: "w")
            #expect(try await store.record(first.id)?.attempts == 1)
            #expect(try await store.uploads(first.id) == ["image": [1, 2], "mask": [3]] && claimed.bytes == 3)
            #expect(try await store.record(second.id)?.position == 0)
            #expect(try await store.heartbeat(first.id, worker: "w", lease: Self.lease, progress: 0.5))
            #expect(try await store.record(first.id)?.progress == 0.5)
            #expect(try await store.counts() == (1, 1))
            #expect(try await store.result(first.id) == nil)

            let done = try #require(try await store.finish(first.id, worker: "w", result: [9], recipe: "a2"))
            #expect(done.state == .done && done.progress == 1 && done.resultRecipe == "a2" && done.bytes == 1)
            #expect(try await store.result(first.id) == [9])
            #expect(try names(in: directory) == ["\(first.id).result"], "the uploads are deleted")
            #expect(try await store.finish(first.id, worker: "w", result: [8], recipe: "") == nil)
            #expect(try await store.result(first.id) == [9], "a job ends once")

            let failure = JobFailure(status: 415, kind: "k", title: "t", detail: "d", field: "image")
            _ = try await store.claim(worker: "w", lease: Self.lease)
            #expect(try await store.fail(second.id, worker: "w", failure: failure)?.failure == failure)
            #expect(try await store.claim(worker: "w", lease: Self.lease) == nil)
        }
    }

    @Test("a callback is due once its job has ended, again after longer and longer delays, and no more once it arrived")
    func callbacks() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            _ = try await store.submit(envelope(), files: [:])
            let address = "https://example.org/hook"
            let envelopes = (0..<2).map { _ in JobEnvelope(recipe: "", request: "r", callback: address) }
            for envelope in envelopes { _ = try await store.submit(envelope, files: [:]) }
            #expect(try await store.claimCallback() == nil, "nothing has ended")

            _ = try await store.cancel(envelopes[0].id)
            let due = try #require(try await store.claimCallback())
            #expect(due.id == envelopes[0].id && due.envelope.callback == address && due.state == .cancelled)
            for delay in JobRecord.callbackDelays {
                #expect(try await store.claimCallback() == nil, "it was just tried")
                clock.advance(delay / .seconds(1) - 1)
                #expect(try await store.claimCallback() == nil, "the delay is not over")
                clock.advance(1)
                let again = try await store.claimCallback()
                #expect(again?.id == envelopes[0].id)
            }
            clock.advance(1e6)
            #expect(try await store.claimCallback() == nil, "it was tried often enough")

            _ = try await store.cancel(envelopes[1].id)
            #expect(try await store.claimCallback()?.id == envelopes[1].id)
            try await store.endCallback(envelopes[1].id)
            clock.advance(1e6)
            #expect(try await store.claimCallback() == nil, "it has arrived")
        }
    }

    @Test("after a restart, jobs that waited or ran wait again, with their uploads, and results are still there")
    func restart() async throws {
        try await TestFiles.withDirectory { directory in
            var ids: [String] = []
            do {
                let store = try open(directory)
                for number in 0..<3 {
                    ids.append(try await store.submit(envelope("\(number)"), files: ["image": [UInt8(number)]]).id)
                }
                _ = try await store.claim(worker: "w", lease: Self.lease)
                _ = try await store.finish(ids[0], worker: "w", result: [7], recipe: "r")
                _ = try await store.claim(worker: "w", lease: Self.lease)
                // An upload whose job was never accepted.
                try Data([1]).write(to: directory.appending(path: "files/\(JobEnvelope.newIdentifier()).image"))
                // What remains if the process ends just before it deletes an upload, or after it wrote a result.
                try Data([1]).write(to: directory.appending(path: "files/\(ids[0]).image"))
                try Data([1]).write(to: directory.appending(path: "files/\(ids[1]).result"))
            }
            let store = try open(directory)
            #expect(try await store.result(ids[0]) == [7])
            #expect(try names(in: directory) == [ids[0] + ".result", ids[1] + ".image", ids[2] + ".image"].sorted())
            let claimed = try #require(try await store.claim(worker: "x", lease: Self.lease))
            #expect(claimed.id == ids[1])
            #expect(try await store.uploads(ids[1]) == ["image": [1]])
        }
    }

    @Test("a job whose worker is silent is started again, but not for ever")
    func leases() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let id = try await store.submit(envelope(), files: ["image": [1]]).id
            for attempt in 1...JobRecord.mostAttempts {
                #expect(try await store.claim(worker: "w\(attempt)", lease: Self.lease)?.attempts == attempt - 1)
                try await store.start(id, worker: "w\(attempt)")
                clock.advance(59)
                #expect(try await store.heartbeat(id, worker: "w\(attempt)", lease: Self.lease, progress: 0))
                clock.advance(59)
                #expect(try await store.claim(worker: "other", lease: Self.lease) == nil, "the lease was renewed")
                clock.advance(2)
            }
            #expect(try await store.claim(worker: "w", lease: Self.lease) == nil)
            let record = try #require(try await store.record(id))
            #expect(record.state == .failed && record.failure?.kind == "too-many-attempts")
            #expect(try names(in: directory).isEmpty, "the upload of a job that has failed is deleted")
            #expect(try await !store.heartbeat(id, worker: "w1", lease: Self.lease, progress: 0))
            #expect(try await store.finish(id, worker: "w3", result: [1], recipe: "") == nil)
        }
    }

    @Test("a job that was claimed and not started when its worker fell silent waits again, however often")
    func claimsWithoutStart() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let id = try await store.submit(envelope(), files: [:]).id
            for _ in 0..<5 * JobRecord.mostAttempts {
                #expect(try await store.claim(worker: "w", lease: Self.lease)?.id == id)
                clock.advance(61)
            }
            #expect(try await store.record(id)?.attempts == 0)
        }
    }

    @Test("a released job waits again in its old place, and the attempt does not count")
    func release() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let id = try await store.submit(envelope(), files: [:]).id
            _ = try await store.submit(envelope(), files: [:])
            for _ in 0..<5 {
                #expect(try await store.claim(worker: "w", lease: Self.lease)?.id == id)
                try await store.release(id, worker: "w")
                #expect(try await store.claim(worker: "w", lease: Self.lease)?.id == id)
                try await store.start(id, worker: "w")
                try await store.release(id, worker: "w")
            }
            #expect(try await store.record(id)?.attempts == 0)
        }
    }

    @Test("waiting and running jobs can be cancelled, ended ones stay as they are")
    func cancelling() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let ids = [
                try await store.submit(envelope(), files: ["image": [1]]).id,
                try await store.submit(envelope(), files: ["image": [2]]).id,
            ]
            _ = try await store.claim(worker: "w", lease: Self.lease)
            for id in ids { #expect(try await store.cancel(id)?.state == .cancelled) }
            #expect(try await !store.heartbeat(ids[0], worker: "w", lease: Self.lease, progress: 0.5))
            #expect(try await store.finish(ids[0], worker: "w", result: [1], recipe: "") == nil)
            #expect(try await store.claim(worker: "w", lease: Self.lease) == nil)
            #expect(try names(in: directory).isEmpty)
            let done = try await store.submit(envelope(), files: [:]).id
            _ = try await store.claim(worker: "w", lease: Self.lease)
            _ = try await store.finish(done, worker: "w", result: [1], recipe: "")
            #expect(try await store.cancel(done)?.state == .done)
            #expect(try await store.cancel("unknown") == nil)
        }
    }

    @Test("an idempotency key gives the same job for the same request, and an error for another")
    func idempotency() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let first = try await store.submit(envelope(key: "k", digest: "d"), files: ["image": [1]])
            let again = try await store.submit(envelope(key: "k", digest: "d"), files: ["image": [1]])
            #expect(again.id == first.id)
            await #expect(throws: JobStoreError.keyReused(key: "k")) {
                try await store.submit(envelope(key: "k", digest: "e"), files: ["image": [1]])
            }
            #expect(try names(in: directory) == ["\(first.id).image"])
            #expect(try await store.counts() == (1, 0))
        }
    }

    @Test("results are forgotten after their lifetime")
    func expiry() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let id = try await store.submit(envelope(), files: [:]).id
            _ = try await store.claim(worker: "w", lease: Self.lease)
            let record = try #require(try await store.finish(id, worker: "w", result: [1], recipe: ""))
            #expect(record.expires == clock.now + 3600)
            clock.advance(3599)
            try await store.sweep()
            #expect(try await store.result(id) == [1])
            clock.advance(2)
            try await store.sweep()
            #expect(try await store.record(id) == nil)
            #expect(try await store.result(id) == nil)
            #expect(try names(in: directory).isEmpty)
        }
    }

    @Test("its bytes are bounded: the oldest results go first, and uploads that find no room are refused")
    func bound() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory, bytes: 100)
            var done: [String] = []
            for _ in 0..<2 {
                let id = try await store.submit(envelope(), files: ["image": [UInt8](repeating: 0, count: 40)]).id
                _ = try await store.claim(worker: "w", lease: Self.lease)
                _ = try await store.finish(id, worker: "w", result: [UInt8](repeating: 1, count: 40), recipe: "")
                clock.advance(1)
                done.append(id)
            }
            _ = try await store.submit(envelope(), files: ["image": [UInt8](repeating: 0, count: 60)])
            #expect(try await store.record(done[0]) == nil)
            #expect(try await store.result(done[1])?.count == 40)
            await #expect(throws: JobStoreError.full(capacityBytes: 100)) {
                try await store.submit(envelope(), files: ["image": [UInt8](repeating: 0, count: 41)])
            }
            #expect(try await store.counts() == (1, 0))
        }
    }

    @Test("a job that was cancelled or has failed takes no bytes of the store")
    func endedBytes() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory, bytes: 100)
            let upload = ["image": [UInt8](repeating: 0, count: 100)]
            _ = try await store.cancel(store.submit(envelope(), files: upload).id)
            let failed = try await store.submit(envelope(), files: upload).id
            _ = try await store.claim(worker: "w", lease: Self.lease)
            _ = try await store.fail(
                failed, worker: "w", failure: JobFailure(status: 415, kind: "k", title: "t", detail: "d"))
            let silent = try await store.submit(envelope(), files: upload).id
            for _ in 0..<JobRecord.mostAttempts {
                _ = try await store.claim(worker: "w", lease: Self.lease)
                try await store.start(silent, worker: "w")
                clock.advance(61)
            }
            try await store.sweep()
            #expect(try await store.record(silent)?.state == .failed)
            _ = try await store.submit(envelope(), files: upload)
        }
    }

    @Test("a job for which the database has no room is refused, and its upload is deleted")
    func fullDatabase() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try openFull(directory)
            await #expect(throws: JobStoreError.diskFull) {
                try await store.submit(envelope(tooLong), files: ["image": [1]])
            }
            #expect(try await store.counts() == (0, 0))
            #expect(try names(in: directory).isEmpty)
        }
    }

    @Test("a job for whose result the database has no room still runs, and can end later")
    func resultBesideFullDatabase() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try openFull(directory)
            let id = try await store.submit(envelope(), files: ["image": [1]]).id
            _ = try await store.claim(worker: "w", lease: Self.lease)
            await #expect(throws: JobStoreError.diskFull) {
                try await store.finish(id, worker: "w", result: [2], recipe: tooLong)
            }
            #expect(try await store.record(id)?.state == .running)
            #expect(try names(in: directory) == ["\(id).image"])
            #expect(try await store.finish(id, worker: "w", result: [2], recipe: "r")?.state == .done)
            #expect(try await store.result(id) == [2])
        }
    }

    @Test("a result for which the disk has no room is written once there is some")
    func fullDisk() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            let id = try await store.submit(envelope(), files: [:]).id
            _ = try await store.claim(worker: "w", lease: Self.lease)
            // The file that the store writes first. Nothing fits into this device.
            try FileManager.default.createSymbolicLink(
                atPath: directory.appending(path: "files/\(id).result.part").path, withDestinationPath: "/dev/full")
            await #expect(throws: JobStoreError.diskFull) {
                try await store.finish(id, worker: "w", result: [2], recipe: "r")
            }
            #expect(try await store.finish(id, worker: "w", result: [2], recipe: "r")?.state == .done)
            #expect(try await store.result(id) == [2])
        }
    }

    @Test("a directory belongs to one store at a time")
    func lock() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try open(directory)
            #expect(throws: SQLiteJobStore.OpeningError.self) { try open(directory) }
            #expect(try await store.counts() == (0, 0))
        }
    }

    @Test("identifiers are different, and have a form of their own")
    func identifiers() {
        let identifiers = (0..<1000).map { _ in JobEnvelope.newIdentifier() }
        #expect(Set(identifiers).count == 1000)
        #expect(identifiers.allSatisfy(JobEnvelope.isIdentifier))
        #expect(!JobEnvelope.isIdentifier("../../../../etc/passwd0000000000") && !JobEnvelope.isIdentifier(""))
    }
}
