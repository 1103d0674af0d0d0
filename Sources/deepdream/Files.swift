import Glibc

/// Reads and writes whole files, with `-` for the standard streams.
enum Files {
    /// Why a file could not be read or written.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        fileprivate init(_ action: String, _ path: String) {
            description = "cannot \(action) \(path): \(String(cString: strerror(errno)))"
        }
    }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let name = path == "-" ? "standard input" : path
        guard let file = path == "-" ? stdin : fopen(path, "rb") else { throw Failure("read", name) }
        defer { if path != "-" { fclose(file) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            bytes += chunk[..<count]
            guard count < chunk.count else { continue }
            guard ferror(file) == 0 else { throw Failure("read", name) }
            return bytes
        }
    }

    /// Writes beside the file and renames, so that there is the old file or the new one, never a part.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        guard path != "-" else {
            guard fwrite(bytes, 1, bytes.count, stdout) == bytes.count, fflush(stdout) == 0 else {
                throw Failure("write", "standard output")
            }
            return
        }
        let draft = "\(path).\(getpid()).part"
        guard let file = fopen(draft, "wbx") else { throw Failure("write", path) }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        let isClosed = fclose(file) == 0
        guard isWritten, isClosed, rename(draft, path) == 0 else {
            let failure = Failure("write", path)
            unlink(draft)
            throw failure
        }
    }
}

/// What is said to people, apart from what is piped on.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func print(_ text: String, terminator: String = "\n") {
        fputs(text + terminator, stderr)
    }
}
