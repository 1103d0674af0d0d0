import Foundation

/// The uploads and results of a store: a file each, in one directory.
struct JobFiles: Sendable {
    private let directory: URL

    /// - Throws: if the directory cannot be made.
    init(directory: URL) throws {
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    private static let result = "result"

    /// The name of the file with a job's upload.
    static func name(_ upload: String, of id: String) -> String { "\(id).\(upload)" }

    static func resultName(of id: String) -> String { name(result, of: id) }

    private func url(_ id: String, _ name: String) -> URL {
        directory.appending(path: Self.name(name, of: id))
    }

    /// Writes a job's uploads. After this, they are on the disk.
    func write(_ files: [String: [UInt8]], of id: String) throws {
        for (name, bytes) in files { try write(bytes, to: url(id, name)) }
    }

    func writeResult(_ bytes: [UInt8], of id: String) throws {
        try write(bytes, to: url(id, Self.result))
    }

    func uploads(_ names: [String], of id: String) throws -> [String: [UInt8]] {
        try Dictionary(uniqueKeysWithValues: names.map { ($0, [UInt8](try Data(contentsOf: url(id, $0)))) })
    }

    func result(of id: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: url(id, Self.result)))
    }

    /// Deletes files that may not be there.
    func deleteUploads(_ names: [String], of id: String) {
        for name in names { try? FileManager.default.removeItem(at: url(id, name)) }
    }

    func deleteResult(of id: String) {
        deleteUploads([Self.result], of: id)
    }

    /// Deletes all files but those with these names: what a process left that ended before it could delete it.
    func deleteAll(but names: Set<String>) throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: directory.path) where !names.contains(file) {
            try? FileManager.default.removeItem(at: directory.appending(path: file))
        }
    }

    /// Whether an error says that a file could not grow: the disk is full, or a quota or `ulimit -f` is reached.
    private static func isDiskFull(_ error: any Error) -> Bool {
        let cause = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error ?? error) as NSError
        return cause.domain == NSPOSIXErrorDomain && [ENOSPC, EDQUOT, EFBIG].contains(Int32(cause.code))
    }

    /// Writes a file that is either whole or not there, and is on the disk when this returns.
    private func write(_ bytes: [UInt8], to url: URL) throws {
        let temporary = url.appendingPathExtension("part")
        do {
            try Data(bytes).write(to: temporary)
            let handle = try FileHandle(forUpdating: temporary)
            try handle.synchronize()
            try handle.close()
            guard rename(temporary.path, url.path) == 0 else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: url.path])
            }
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw Self.isDiskFull(error) ? JobStoreError.diskFull : error
        }
    }
}
