import Glibc

/// Writes a safetensors file of float32 tensors.
public enum SafetensorsWriter {
    /// Writes to a temporary file beside `path` and renames it, so that `path` never holds a half-written file.
    ///
    /// - Parameters:
    ///   - path: the file to write; an existing one is replaced.
    ///   - tensors: names and shapes, in the file's order.
    ///   - metadata: the header's strings.
    ///   - values: returns the values of the named tensor, row-major, as many as its shape says; called once for each
    ///     tensor, in order.
    /// - Throws: `ModelError.unwritable`, `.wrongShape` if the number of values is wrong, or what `values` throws.
    public static func write(
        to path: String, tensors: [(name: String, shape: [Int])], metadata: [String: String],
        values: (String) throws -> [Float]
    ) throws {
        var header = SafetensorsHeader()
        header.metadata = metadata
        var offset = 0
        for (name, shape) in tensors {
            let end = offset + 4 * shape.reduce(1, *)
            header.entries[name] = .init(dtype: "F32", shape: shape, dataOffsets: [offset, end])
            offset = end
        }
        // A random name: in containers all process ids are often 1, and a killed process leaves its file behind.
        let temporary = "\(path).\(String(UInt64.random(in: 0 ... .max), radix: 36)).partial"
        guard let file = fopen(temporary, "wxe") else { throw unwritable(temporary) }
        var isOpen = true
        do {
            try write(header.serialized(), to: file, path: temporary)
            for (name, shape) in tensors {
                let tensor = try values(name)
                guard tensor.count == shape.reduce(1, *) else {
                    throw ModelError.wrongShape(tensor: name, found: [tensor.count], expected: shape, file: path)
                }
                try tensor.withUnsafeBytes { try write($0, to: file, path: temporary) }
            }
            isOpen = false
            guard fclose(file) == 0, rename(temporary, path) == 0 else { throw unwritable(path) }
        } catch {
            if isOpen { fclose(file) }
            unlink(temporary)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to file: UnsafeMutablePointer<FILE>, path: String) throws {
        try bytes.withUnsafeBytes { try write($0, to: file, path: path) }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to file: UnsafeMutablePointer<FILE>, path: String
    ) throws {
        guard fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else { throw unwritable(path) }
    }

    private static func unwritable(_ path: String) -> ModelError {
        .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
}
