import Glibc
import VisionNet

/// Downloads published weights and makes a model file of them.
public struct ModelFetcher: Sendable {
    /// Where the model is put, as `NAME.safetensors`; made where it does not exist.
    public let directory: String
    private let curl: Curl
    private let width: Width

    public init(directory: String) {
        self.init(directory: directory, curl: "curl", protocols: "https", width: .full)
    }

    /// With another program for curl, other protocols, or for a network of another width.
    package init(directory: String, curl: String, protocols: String, width: Width) {
        self.directory = directory
        self.curl = Curl(program: curl, protocols: protocols)
        self.width = width
    }

    /// Downloads to `NAME.h5.partial`, checks the MD5 and imports; the model file appears whole or not at all.
    ///
    /// After an interruption the next call goes on with what has arrived. It waits for the transfer, minutes perhaps.
    ///
    /// - Parameters:
    ///   - model: what to fetch.
    ///   - showsProgress: whether a bar is drawn on standard error; give it where that is a terminal.
    /// - Returns: the path of the model file, and what it holds.
    /// - Throws: `ModelFetchError`; `KerasFileError` and `ModelError` as the import does.
    @discardableResult
    public func fetch(
        _ model: PublishedModel, showsProgress: Bool = false
    ) throws -> (path: String, summary: ModelSummary) {
        try makeDirectory()
        let partial = "\(directory)/\(model.name).h5.partial"
        let lock = try openLocked(partial)
        defer {
            // Not left to close(): a program that is just being started by another thread has a copy for a moment.
            flock(lock, LOCK_UN)
            close(lock)
        }

        // A download that was complete before its import failed is not repeated.
        if Digest.hexadecimal(.md5, ofFile: partial) != model.md5 {
            try download(model, to: partial, descriptor: lock, showsProgress: showsProgress)
            let found = Digest.hexadecimal(.md5, ofFile: partial) ?? "unreadable"
            guard found == model.md5 else {
                unlink(partial)
                throw ModelFetchError.wrongDigest(
                    url: model.url, found: found, expected: model.md5, model: model.name)
            }
        }
        let path = "\(directory)/\(model.name)\(ModelName.fileExtension)"
        let summary = try KerasImporter.importModel(
            from: partial, to: path, name: model.name, published: model, width: width)
        unlink(partial)
        return (path, summary)
    }

    /// Opens a file that only one process or thread at a time may write, and makes it where it does not exist.
    private func openLocked(_ path: String) throws -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw ModelFetchError.directoryNotWritable(directory, reason: String(cString: strerror(errno)))
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw ModelFetchError.busy(file: path)
            }
            // Whoever had the lock may have deleted the file after it was opened here; then the next one is tried.
            var (opened, named) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino,
                opened.st_dev == named.st_dev
            {
                return descriptor
            }
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
    }

    private func download(
        _ model: PublishedModel, to partial: String, descriptor: Int32, showsProgress: Bool
    ) throws {
        do {
            do {
                try curl.resume(model.url, to: partial, lock: descriptor, showsProgress: showsProgress)
            } catch  where error.concernsResumption && lseek(descriptor, 0, SEEK_END) > 0 {
                ftruncate(descriptor, 0)
                try curl.resume(model.url, to: partial, lock: descriptor, showsProgress: showsProgress)
            }
        } catch {
            if lseek(descriptor, 0, SEEK_END) == 0 { unlink(partial) }
            throw ModelFetchError.transfer(url: model.url, reason: error.reason, model: model.name)
        }
    }

    /// As `mkdir -p` does.
    private func makeDirectory() throws {
        var path = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            path += "/" + part
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
                throw ModelFetchError.directoryNotWritable(directory, reason: String(cString: strerror(errno)))
            }
        }
    }
}
