import Foundation
import GRDB

/// A store in a directory: an SQLite database of the jobs, and their uploads and results as files beside it.
///
/// Only one process may use a directory at a time.
public final class SQLiteJobStore: JobStore {
    /// How much a store may keep, and for how long.
    public struct Limits: Sendable {
        /// For uploads and results together, in bytes. Uploads that do not fit are refused; for results, the oldest
        /// ones are forgotten.
        public var bytes: Int
        /// How long an ended job is kept.
        public var lifetime: Duration
        /// How many pages the database may have; nil for any number. Tests fill it by this.
        package var databasePages: Int?

        public init(bytes: Int, lifetime: Duration) {
            self.bytes = bytes
            self.lifetime = lifetime
        }
    }

    /// Why a directory cannot be used.
    public enum OpeningError: Error, CustomStringConvertible {
        case inUse(directory: String)

        public var description: String {
            switch self {
            case .inUse(let directory):
                "another process uses the jobs in \(directory); give each service a directory of its own"
            }
        }
    }

    private let database: DatabaseQueue
    private let files: JobFiles
    private let limits: Limits
    private let lock: DirectoryLock
    private let now: @Sendable () -> Date

    /// Opens the store in a directory, which is made if it is missing. Jobs that were running, in a process that has
    /// ended, wait again.
    ///
    /// - Parameter now: the current time; tests can pass their own clock.
    /// - Throws: `OpeningError`, or what is wrong with the directory.
    public init(directory: URL, limits: Limits, now: @escaping @Sendable () -> Date = { Date() }) throws {
        self.limits = limits
        self.now = now
        files = try JobFiles(directory: directory.appending(path: "files"))
        guard let lock = try DirectoryLock(directory: directory) else {
            throw OpeningError.inUse(directory: directory.path)
        }
        self.lock = lock
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            // With a write-ahead log, an accepted job must also survive the end of the machine.
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            if let pages = limits.databasePages { try database.execute(sql: "PRAGMA max_page_count = \(pages)") }
        }
        database = try DatabaseQueue(path: directory.appending(path: "jobs.sqlite").path, configuration: configuration)
        try Self.migrator.migrate(database)
        let needed = try database.write { database in
            try database.execute(sql: "UPDATE job SET leaseEnd = 0 WHERE state = 'running'")
            try Self.endLeases(database, now: now())
            return try Self.neededFiles(database)
        }
        try files.deleteAll(but: needed)
    }

    /// Lets another store use the directory. Nothing can be done with this one afterwards.
    public func close() {
        try? database.close()
        lock.release()
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("jobs") { database in
            try database.execute(
                sql: """
                    CREATE TABLE job (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        id TEXT NOT NULL UNIQUE,
                        envelope TEXT NOT NULL,
                        idempotencyKey TEXT UNIQUE,
                        fileNames TEXT NOT NULL,
                        bytes INTEGER NOT NULL,
                        state TEXT NOT NULL,
                        attempts INTEGER NOT NULL DEFAULT 0,
                        worker TEXT,
                        leaseEnd REAL,
                        progress REAL NOT NULL DEFAULT 0,
                        started REAL,
                        finished REAL,
                        failure TEXT,
                        resultRecipe TEXT
                    );
                    CREATE INDEX job_state ON job (state, number);
                    """)
        }
        migrator.registerMigration("callbacks") { database in
            try database.execute(
                sql: """
                    ALTER TABLE job ADD COLUMN callbackDue REAL;
                    ALTER TABLE job ADD COLUMN callbackAttempts INTEGER NOT NULL DEFAULT 0;
                    CREATE INDEX job_callback ON job (callbackDue) WHERE callbackDue IS NOT NULL;
                    """)
        }
        return migrator
    }

    // MARK: Submitting and claiming

    public func submit(_ envelope: JobEnvelope, files uploads: [String: [UInt8]]) async throws -> JobRecord {
        let bytes = uploads.values.reduce(0) { $0 + $1.count }
        // The files are on the disk before the job is in the database, so that an accepted job always has them.
        try files.write(uploads, of: envelope.id)
        do {
            let (record, isNew) = try await write { [self] database in
                if let key = envelope.idempotencyKey, let earlier = try row(database, "idempotencyKey", key) {
                    let record = try self.record(of: earlier, database)
                    guard record.envelope.requestDigest == envelope.requestDigest else {
                        throw JobStoreError.keyReused(key: key)
                    }
                    return (record, false)
                }
                try makeRoom(for: bytes, database)
                try database.execute(
                    sql: """
                        INSERT INTO job (id, envelope, idempotencyKey, fileNames, bytes, callbackDue, state)
                        VALUES (?, ?, ?, ?, ?, ?, 'waiting')
                        """,
                    arguments: [
                        envelope.id, try Self.text(of: envelope), envelope.idempotencyKey,
                        uploads.keys.sorted().joined(separator: ","), bytes, envelope.callback == nil ? nil : 0,
                    ])
                guard let row = try row(database, "id", envelope.id) else { throw CocoaError(.fileReadCorruptFile) }
                return (try self.record(of: row, database), true)
            }
            if !isNew { files.deleteUploads(Array(uploads.keys), of: envelope.id) }
            return record
        } catch {
            files.deleteUploads(Array(uploads.keys), of: envelope.id)
            throw error
        }
    }

    public func claim(worker: String, lease: Duration) async throws -> JobRecord? {
        try await sweep()
        return try await write { [self] database -> JobRecord? in
            guard
                let id = try String.fetchOne(
                    database, sql: "SELECT id FROM job WHERE state = 'waiting' ORDER BY number LIMIT 1")
            else { return nil }
            try database.execute(
                sql: """
                    UPDATE job SET state = 'running', worker = ?, leaseEnd = ?, started = NULL, progress = 0
                    WHERE id = ?
                    """,
                arguments: [worker, leaseEnd(lease), id])
            guard let row = try row(database, "id", id) else { return nil }
            return try record(of: row, database)
        }
    }

    public func start(_ id: String, worker: String) async throws {
        try await write { [self] database in
            try database.execute(
                sql: """
                    UPDATE job SET attempts = attempts + 1, started = ?
                    WHERE id = ? AND state = 'running' AND worker = ?
                    """,
                arguments: [now().timeIntervalSince1970, id, worker])
        }
    }

    public func uploads(_ id: String) async throws -> [String: [UInt8]]? {
        let names = try await database.read { [self] database -> [String]? in
            guard let row = try row(database, "id", id) else { return nil }
            return Self.fileNames(row)
        }
        guard let names else { return nil }
        return try? files.uploads(names, of: id)
    }

    public func heartbeat(_ id: String, worker: String, lease: Duration, progress: Double) async throws -> Bool {
        try await write { [self] database in
            try database.execute(
                sql: """
                    UPDATE job SET leaseEnd = ?, progress = ? WHERE id = ? AND state = 'running' AND worker = ?
                    """,
                arguments: [leaseEnd(lease), progress, id, worker])
            return database.changesCount == 1
        }
    }

    public func release(_ id: String, worker: String) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE job SET state = 'waiting', attempts = attempts - (started IS NOT NULL), worker = NULL,
                        leaseEnd = NULL, started = NULL
                    WHERE id = ? AND state = 'running' AND worker = ?
                    """,
                arguments: [id, worker])
        }
    }

    // MARK: Ending

    public func finish(_ id: String, worker: String, result: [UInt8], recipe: String) async throws -> JobRecord? {
        guard try await isRunning(id, worker) else { return nil }
        try files.writeResult(result, of: id)
        do {
            let record = try await end(id, worker: worker, state: .done) { [self] database in
                // The uploads are about to be deleted; and with bytes, this job could be forgotten to make room for it.
                try database.execute(sql: "UPDATE job SET bytes = 0 WHERE id = ?", arguments: [id])
                try makeRoom(for: result.count, database, isNeeded: true)
                try database.execute(
                    sql: "UPDATE job SET resultRecipe = ?, bytes = ?, progress = 1 WHERE id = ?",
                    arguments: [recipe, result.count, id])
            }
            if record == nil { files.deleteResult(of: id) }
            return record
        } catch JobStoreError.diskFull {
            // What it leaves may be enough for the database, which leases need.
            files.deleteResult(of: id)
            throw JobStoreError.diskFull
        }
    }

    public func fail(_ id: String, worker: String, failure: JobFailure) async throws -> JobRecord? {
        try await end(id, worker: worker, state: .failed) { database in
            try database.execute(
                sql: "UPDATE job SET failure = ?, bytes = 0 WHERE id = ?", arguments: [try Self.text(of: failure), id])
        }
    }

    public func cancel(_ id: String) async throws -> JobRecord? {
        let cancelled = try await end(id, worker: nil, state: .cancelled) { database in
            try database.execute(sql: "UPDATE job SET bytes = 0 WHERE id = ?", arguments: [id])
        }
        if let cancelled { return cancelled }
        return try await record(id)
    }

    private func isRunning(_ id: String, _ worker: String) async throws -> Bool {
        try await database.read { database in
            try Bool.fetchOne(
                database, sql: "SELECT 1 FROM job WHERE id = ? AND state = 'running' AND worker = ?",
                arguments: [id, worker]) ?? false
        }
    }

    /// Ends a job and deletes its uploads.
    ///
    /// - Parameters:
    ///   - worker: who must have claimed the job; nil for a job that waits or is anybody's.
    ///   - change: what else changes with it.
    /// - Returns: nil if the job is not the worker's, or has ended.
    private func end(
        _ id: String, worker: String?, state: JobState, _ change: @escaping @Sendable (Database) throws -> Void
    ) async throws -> JobRecord? {
        let ended = try await write { [self] database -> (JobRecord, [String])? in
            let condition =
                worker == nil ? "state IN ('waiting', 'running')" : "state = 'running' AND worker = ?"
            var values: [any DatabaseValueConvertible] = [state.rawValue, now().timeIntervalSince1970, id]
            if let worker { values.append(worker) }
            try database.execute(
                sql: """
                    UPDATE job SET state = ?, finished = ?, worker = NULL, leaseEnd = NULL
                    WHERE id = ? AND \(condition)
                    """,
                arguments: StatementArguments(values))
            guard database.changesCount == 1 else { return nil }
            try change(database)
            guard let row = try row(database, "id", id) else { return nil }
            return (try record(of: row, database), Self.fileNames(row))
        }
        guard let (record, names) = ended else { return nil }
        files.deleteUploads(names, of: id)
        return record
    }

    // MARK: Callbacks

    public func claimCallback() async throws -> JobRecord? {
        try await write { [self] database in
            let time = now().timeIntervalSince1970
            let due = try Row.fetchOne(
                database,
                sql: """
                    SELECT * FROM job WHERE callbackDue <= ? AND state IN ('done', 'failed', 'cancelled')
                    ORDER BY callbackDue LIMIT 1
                    """,
                arguments: [time])
            guard let due else { return nil }
            let attempts: Int = due["callbackAttempts"]
            let delays = JobRecord.callbackDelays
            let next = delays.indices.contains(attempts) ? time + delays[attempts] / .seconds(1) : nil
            try database.execute(
                sql: "UPDATE job SET callbackDue = ?, callbackAttempts = ? WHERE id = ?",
                arguments: [next, attempts + 1, due["id"] as String])
            return try record(of: due, database)
        }
    }

    public func endCallback(_ id: String) async throws {
        try await write { database in
            try database.execute(sql: "UPDATE job SET callbackDue = NULL WHERE id = ?", arguments: [id])
        }
    }

    // MARK: Reading

    public func record(_ id: String) async throws -> JobRecord? {
        try await database.read { [self] database in
            try row(database, "id", id).map { try record(of: $0, database) }
        }
    }

    public func result(_ id: String) async throws -> [UInt8]? {
        guard try await record(id)?.state == .done else { return nil }
        return try files.result(of: id)
    }

    public func counts() async throws -> (waiting: Int, running: Int) {
        try await database.read { database in
            func count(_ state: JobState) throws -> Int {
                try Int.fetchOne(
                    database, sql: "SELECT COUNT(*) FROM job WHERE state = ?", arguments: [state.rawValue]) ?? 0
            }
            return (try count(.waiting), try count(.running))
        }
    }

    public func sweep() async throws {
        let (failed, expired) = try await write { [self] database in
            let failed = try Self.endLeases(database, now: now())
            let before = now().timeIntervalSince1970 - limits.lifetime / .seconds(1)
            return (failed, try forget(database, "finished < ?", [before]))
        }
        for (id, names) in failed { files.deleteUploads(names, of: id) }
        for id in expired { files.deleteResult(of: id) }
    }

    // MARK: Helpers

    /// Changes the database in one transaction.
    ///
    /// - Throws: `JobStoreError.diskFull`, what `change` throws, or what is wrong with the database.
    private func write<Value: Sendable>(_ change: @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await database.write(change)
        } catch let error as DatabaseError where Self.isDiskFull(error) {
            throw JobStoreError.diskFull
        }
    }

    /// Whether the database could not grow.
    private static func isDiskFull(_ error: DatabaseError) -> Bool {
        // Where a quota or `ulimit -f` is reached, SQLite does not say more than that it could not write.
        error.extendedResultCode == .SQLITE_FULL || error.extendedResultCode == .SQLITE_IOERR_WRITE
    }

    /// The uploads of the jobs that have not ended, and the results of those that are done.
    private static func neededFiles(_ database: Database) throws -> Set<String> {
        var files: Set<String> = []
        for row in try Row.fetchAll(database, sql: "SELECT id, state, fileNames FROM job") {
            let state = JobState(rawValue: row["state"])
            if state == .done {
                files.insert(JobFiles.resultName(of: row["id"]))
            } else if state?.isFinal == false {
                files.formUnion(fileNames(row).map { JobFiles.name($0, of: row["id"]) })
            }
        }
        return files
    }

    /// Lets jobs whose leases have ended wait again, or fail if that has happened too often.
    ///
    /// - Returns: the jobs that have failed, with the names of their uploads, which nobody needs any more.
    @discardableResult
    private static func endLeases(_ database: Database, now: Date) throws -> [(id: String, uploads: [String])] {
        let time = now.timeIntervalSince1970
        let condition = "state = 'running' AND leaseEnd < ? AND attempts >= ?"
        let limits: StatementArguments = [time, JobRecord.mostAttempts]
        let failed = try Row.fetchAll(database, sql: "SELECT * FROM job WHERE \(condition)", arguments: limits)
        try database.execute(
            sql: """
                UPDATE job SET state = 'failed', failure = ?, finished = ?, worker = NULL, leaseEnd = NULL, bytes = 0
                WHERE \(condition)
                """,
            arguments: [try text(of: JobFailure.tooManyAttempts), time] + limits)
        try database.execute(
            sql: """
                UPDATE job SET state = 'waiting', worker = NULL, leaseEnd = NULL, progress = 0
                WHERE state = 'running' AND leaseEnd < ?
                """,
            arguments: [time])
        return failed.map { ($0["id"], fileNames($0)) }
    }

    /// Forgets the oldest ended jobs until there is room.
    ///
    /// - Parameter isNeeded: whether the bytes are kept even if there is no room.
    private func makeRoom(for bytes: Int, _ database: Database, isNeeded: Bool = false) throws {
        func used() throws -> Int { try Int.fetchOne(database, sql: "SELECT SUM(bytes) FROM job") ?? 0 }
        var excess = try used() + bytes - limits.bytes
        guard excess > 0 else { return }
        let ended = try Row.fetchAll(
            database, sql: "SELECT id, bytes FROM job WHERE state = 'done' AND bytes > 0 ORDER BY finished")
        var forgotten: [String] = []
        for row in ended where excess > 0 {
            let size: Int = row["bytes"]
            forgotten += try forget(database, "id = ?", [row["id"] as String])
            excess -= size
        }
        // Not before: if the transaction fails, these jobs are still there.
        database.afterNextTransaction { [files, forgotten] _ in
            for id in forgotten { files.deleteResult(of: id) }
        }
        guard excess <= 0 || isNeeded else { throw JobStoreError.full(capacityBytes: limits.bytes) }
    }

    private func forget(
        _ database: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> [String] {
        let ids = try String.fetchAll(
            database, sql: "SELECT id FROM job WHERE finished IS NOT NULL AND \(condition)", arguments: arguments)
        for id in ids { try database.execute(sql: "DELETE FROM job WHERE id = ?", arguments: [id]) }
        return ids
    }

    private func leaseEnd(_ lease: Duration) -> Double {
        now().timeIntervalSince1970 + lease / .seconds(1)
    }

    private func row(_ database: Database, _ column: String, _ value: String) throws -> Row? {
        try Row.fetchOne(database, sql: "SELECT * FROM job WHERE \(column) = ?", arguments: [value])
    }

    private static func fileNames(_ row: Row) -> [String] {
        (row["fileNames"] as String).split(separator: ",").map(String.init)
    }

    private func record(of row: Row, _ database: Database) throws -> JobRecord {
        func date(_ column: String) -> Date? {
            (row[column] as Double?).map { Date(timeIntervalSince1970: $0) }
        }
        let state = JobState(rawValue: row["state"]) ?? .failed
        let number: Int = row["number"]
        let position =
            state == .waiting
            ? try Int.fetchOne(
                database, sql: "SELECT COUNT(*) FROM job WHERE state = 'waiting' AND number < ?", arguments: [number])
            : nil
        let finished = date("finished")
        return JobRecord(
            envelope: try Self.value(JobEnvelope.self, row["envelope"]), state: state, position: position,
            attempts: row["attempts"], progress: row["progress"], started: date("started"), finished: finished,
            expires: finished.map { $0 + limits.lifetime / .seconds(1) },
            failure: try (row["failure"] as String?).map { try Self.value(JobFailure.self, $0) },
            resultRecipe: row["resultRecipe"], bytes: row["bytes"])
    }

    private static func text(of value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
