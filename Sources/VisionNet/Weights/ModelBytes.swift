import Glibc

/// The bytes of a model: those of a file, or of the process itself.
///
/// A file is read piece by piece and not mapped. Reading a mapped file that somebody has cut short ends the process;
/// here it is an error, and so is reading a file that was written to since it was opened.
final class ModelBytes: @unchecked Sendable {  // Immutable; the pointer is why the compiler cannot see it.
    private enum Source {
        case memory(UnsafeRawBufferPointer)
        case file(descriptor: Int32, path: String, version: Version)
    }

    /// What changes when a file is written to. A new file of the same name leaves the open one as it is.
    private struct Version: Equatable {
        let size: Int
        let seconds, nanoseconds: Int

        init(_ status: stat) {
            size = Int(status.st_size)
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    let count: Int
    private let source: Source

    /// Opens a file.
    ///
    /// - Throws: `ModelError.unreadable`.
    init(path: String) throws(ModelError) {
        func unreadable() -> ModelError { .unreadable(file: path, reason: String(cString: strerror(errno))) }
        // Without O_NONBLOCK, opening a pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable() }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let error = unreadable()
            close(descriptor)
            throw error
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ModelError.unreadable(file: path, reason: "it is not a regular file")
        }
        count = Int(status.st_size)
        source = .file(descriptor: descriptor, path: path, version: Version(status))
    }

    /// - Parameter bytes: bytes that live as long as the process.
    init(static bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        source = .memory(bytes)
    }

    deinit {
        if case .file(let descriptor, _, _) = source { close(descriptor) }
    }

    /// Calls `body` with some of the bytes.
    ///
    /// - Parameter range: within `0..<count`.
    /// - Throws: `ModelError.unreadable`, or what `body` throws.
    func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        switch source {
        case .memory(let bytes): return try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        case .file(let descriptor, let path, let version):
            let bytes = try Self.read(range, from: descriptor, path: path)
            var status = stat()
            guard fstat(descriptor, &status) == 0, Version(status) == version else { throw Self.changed(path) }
            return try bytes.withUnsafeBytes(body)
        }
    }

    private static func read(_ range: Range<Int>, from descriptor: Int32, path: String) throws(ModelError) -> [UInt8] {
        var failure: ModelError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count, let base = buffer.baseAddress {
                let count = pread(descriptor, base + filled, range.count - filled, range.lowerBound + filled)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    failure =
                        count == 0
                        ? changed(path) : .unreadable(file: path, reason: String(cString: strerror(errno)))
                    return
                }
                filled += count
            }
        }
        if let failure { throw failure }
        return bytes
    }

    private static func changed(_ path: String) -> ModelError {
        .unreadable(
            file: path,
            reason: "it was written to while it was in use; replace a model by renaming a new file over it, and "
                + "restart what uses it")
    }
}
