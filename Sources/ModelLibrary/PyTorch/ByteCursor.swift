/// Reads a file's bytes from front to back, and never beyond their end.
struct ByteCursor {
    /// For messages.
    let file: String
    private(set) var offset: Int
    private let bytes: UnsafeRawBufferPointer

    /// - Parameter offset: where to start; at most the number of bytes.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0, file: String) {
        self.file = file
        self.bytes = bytes
        self.offset = min(max(offset, 0), bytes.count)
    }

    var remaining: Int { bytes.count - offset }

    /// The next bytes.
    ///
    /// - Throws: `PyTorchFileError.damaged` where there are fewer.
    mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= remaining else {
            throw PyTorchFileError.damaged(
                file: file, reason: "\(count) bytes should follow at byte \(offset), but there are \(remaining)")
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// The next little-endian number.
    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws -> Number {
        Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }

    /// The text up to the next line feed, without it.
    ///
    /// - Parameter longest: how many bytes it may have.
    mutating func line(longest: Int) throws -> String {
        let end = bytes[offset...].prefix(longest + 1).firstIndex(of: UInt8(ascii: "\n"))
        guard let end else {
            throw PyTorchFileError.damaged(file: file, reason: "the name at byte \(offset) does not end")
        }
        defer { offset += 1 }
        return String(decoding: try take(end - offset), as: UTF8.self)
    }
}
