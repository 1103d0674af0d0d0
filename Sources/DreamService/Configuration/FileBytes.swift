import Glibc

/// Reads small files.
enum FileBytes {
    /// Why a file could not be read.
    struct Failure: Error {
        let reason: String
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Reads a whole file.
    ///
    /// - Throws: `Failure` if the file cannot be read or has more than `limit` bytes.
    static func read(_ path: String, atMost limit: Int) throws(Failure) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Failure(reason: String(cString: strerror(errno))) }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        guard ferror(file) == 0 else { throw Failure(reason: String(cString: strerror(errno))) }
        guard bytes.count <= limit else { throw Failure(reason: "it has more than \(limit) bytes") }
        return bytes
    }
}
