import Glibc

/// Reads and writes whole files. The path `-` is standard input or output.
enum Files {
    /// Why a file could not be read or written.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        fileprivate init(_ action: String, _ path: String) {
            description = "cannot \(action) \(path): \(String(cString: strerror(errno)))"
        }
    }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        guard path != "-" else { return try readAll(of: STDIN_FILENO, name: "standard input") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("read", path) }
        defer { close(descriptor) }
        return try readAll(of: descriptor, name: path)
    }

    /// Writes to a temporary file in the same directory and renames it, so that the path never has an incomplete file.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        guard path != "-" else { return try writeAll(bytes, to: STDOUT_FILENO, name: "standard output") }
        // Devices and pipes are written to directly.
        var status = stat()
        let isReplaceable = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
        // A random name: process IDs are not unique across containers, and a killed process leaves its file behind.
        let temporary = isReplaceable ? "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36)).partial" : path
        let descriptor = open(temporary, O_WRONLY | O_CLOEXEC | (isReplaceable ? O_CREAT | O_EXCL : 0), 0o666)
        guard descriptor >= 0 else { throw Failure("write", path) }
        do throws(Failure) {
            defer { close(descriptor) }
            try writeAll(bytes, to: descriptor, name: path)
            if isReplaceable, rename(temporary, path) != 0 { throw Failure("write", path) }
        } catch {
            if isReplaceable { unlink(temporary) }
            throw error
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Creates a directory, if it is not there yet.
    static func createDirectory(_ path: String) throws(Failure) {
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw Failure("create the directory", path) }
    }

    private static func readAll(of descriptor: Int32, name: String) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw Failure("read", name)
            }
        }
    }

    static func writeAll(_ bytes: [UInt8], to descriptor: Int32, name: String) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw Failure("write", name)
            }
        }
    }
}
