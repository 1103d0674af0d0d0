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

    /// Downloads to `NAME.h5.partial` (or `.whl.partial`), checks the digest and imports; the model file appears whole or not at all.
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
        try makeDirectory()
        let partial = "\(directory)/\(model.name).\(model.fileExtension).partial"
        let lock = open(partial, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            throw ModelFetchError.directoryNotWritable(directory, reason: String(cString: strerror(errno)))
        }
        defer {
            // close() alone might not unlock: a program that another thread is just starting has a copy of the
            // descriptor for a moment.
            flock(lock, LOCK_UN)
            close(lock)
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw ModelFetchError.busy(file: partial) }

        // If a complete download could not be imported, it is not downloaded again.
        if Digest.hexadecimal(model.algorithm, ofFile: partial) != model.digest {
            try download(model, to: partial, descriptor: lock, showsProgress: showsProgress)
            let found = Digest.hexadecimal(model.algorithm, ofFile: partial) ?? "unreadable"
            guard found == model.digest else {
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

    private func download(
        _ model: PublishedModel, to partial: String, descriptor: Int32, showsProgress: Bool
    ) throws {
        do {
            do {
                try curl.resume(model.url, to: partial, showsProgress: showsProgress)
            } catch  where error.concernsResumption && lseek(descriptor, 0, SEEK_END) > 0 {
                ftruncate(descriptor, 0)
                try curl.resume(model.url, to: partial, showsProgress: showsProgress)
            }
        } catch {
            if lseek(descriptor, 0, SEEK_END) == 0 { unlink(partial) }
            throw ModelFetchError.transfer(url: model.url, reason: error.reason, model: model.name)
        }
    }

    /// Creates the directory and its parents, as `mkdir -p` does.
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
