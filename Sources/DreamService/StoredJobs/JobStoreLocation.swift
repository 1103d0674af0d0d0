import Foundation
import JobStore
import Logging

/// Where a service keeps its jobs.
struct JobStoreLocation {
    let store: SQLiteJobStore
    /// Where pictures are kept that can be made anew.
    let channels: URL
    /// A directory of this process alone, to be deleted when the service stops; nil for one that stays.
    private let temporary: URL?

    /// Opens the store of the configuration.
    ///
    /// Without a configured directory this is the system's or the user's. If it cannot be used, for instance because
    /// another service uses it, jobs are kept in a temporary one, and the log says so.
    ///
    /// - Throws: what is wrong with a configured directory.
    init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        let limits = SQLiteJobStore.Limits(
            bytes: configuration.storeBytes, lifetime: .seconds(configuration.resultLifetimeSeconds))
        if let path = configuration.dataDirectory {
            let directory = URL(fileURLWithPath: path)
            store = try SQLiteJobStore(directory: directory, limits: limits)
            channels = Self.channels(of: directory)
            temporary = nil
            return
        }
        let directory = Self.usualDirectory
        do {
            store = try SQLiteJobStore(directory: directory, limits: limits)
            channels = Self.channels(of: directory)
            temporary = nil
        } catch {
            logger.notice(
                "jobs do not survive a restart",
                metadata: ["reason": "\(error)", "advice": "set data-directory to a directory of this service"])
            let other = FileManager.default.temporaryDirectory.appending(path: "deepdream-jobs-\(UUID().uuidString)")
            store = try SQLiteJobStore(directory: other, limits: limits)
            channels = Self.channels(of: other)
            temporary = other
        }
    }

    /// `/var/lib/deepdream/jobs` for a service of the system, otherwise the user's directory for the state of programs
    /// (https://specifications.freedesktop.org/basedir-spec).
    private static var usualDirectory: URL {
        let system = "/var/lib/deepdream"
        if FileManager.default.isWritableFile(atPath: system) { return URL(fileURLWithPath: "\(system)/jobs") }
        let environment = ProcessInfo.processInfo.environment
        let state =
            environment["XDG_STATE_HOME"].map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/state")
        return state.appending(path: "deepdream/jobs")
    }

    private static func channels(of directory: URL) -> URL { directory.appending(path: "channels") }

    /// Lets others use the directory.
    func close() {
        store.close()
        if let temporary { try? FileManager.default.removeItem(at: temporary) }
    }
}
