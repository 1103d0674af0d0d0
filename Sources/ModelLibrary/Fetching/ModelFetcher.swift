import Glibc
import VisionNet

/// Downloads published weights and turns them into a model file.
public struct ModelFetcher: Sendable {
    /// The directory for the model file, `NAME.safetensors`; it is created if it does not exist.
    public let directory: String
    private let curl: Curl
    private let width: Width

    public init(directory: String) {
        self.init(directory: directory, curl: "curl", protocols: "https", width: .full)
    }

    /// For tests: with another program for curl, other protocols, or a network of another width.
    package init(directory: String, curl: String, protocols: String, width: Width) {
        self.directory = directory
        self.curl = Curl(program: curl, protocols: protocols)
        self.width = width
    }

    /// Downloads to `NAME.partial`, checks the digest and imports; the model file appears whole or not at all.
    ///
    /// After an interruption, the next call continues the download. The call returns when all is done, which can take
    /// minutes.
    ///
    /// - Parameters:
    ///   - model: what to fetch.
    ///   - showsProgress: whether a bar is drawn on standard error, which should be a terminal then.
    /// - Returns: the path of the model file, and what it holds.
    /// - Throws: `ModelFetchError`; what ``ModelImporter`` throws.
    @discardableResult
    public func fetch(
        _ model: PublishedModel, showsProgress: Bool = false
    ) throws -> (path: String, summary: ModelSummary) {
        guard Directory.create(directory) else {
            throw ModelFetchError.directoryNotWritable(directory, reason: String(cString: strerror(errno)))
        }
        let partial = "\(directory)/\(model.name).partial"
        let lock = try openLocked(partial)
        defer {
            // close() alone might not unlock: a program that another thread is just starting has a copy of the
            // descriptor for a moment.
            flock(lock, LOCK_UN)
            close(lock)
        }

        // If a complete download could not be imported, it is not downloaded again.
        if !model.isDigest(Digest.hexadecimal(model.algorithm, ofFile: partial)) {
            try download(model, to: partial, descriptor: lock, showsProgress: showsProgress)
            let found = Digest.hexadecimal(model.algorithm, ofFile: partial) ?? "unreadable"
            guard model.isDigest(found) else {
                unlink(partial)
                throw ModelFetchError.wrongDigest(
                    url: model.url, found: found, expected: model.digest, model: model.name)
            }
        }
        let path = "\(directory)/\(model.name)\(ModelName.fileExtension)"
        let summary = try ModelImporter.importModel(
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
}
