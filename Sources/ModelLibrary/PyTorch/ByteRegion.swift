import VisionNet

/// Bytes of a mapped file or in memory, or a part of them; it keeps all of them alive.
struct ByteRegion: Sendable {
    private enum Owner: Sendable {
        case file(MappedBytes)
        case memory([UInt8])
    }

    private let owner: Owner
    private let range: Range<Int>

    /// The bytes of a file. It is memory-mapped, so that only the pages in use are in memory.
    ///
    /// - Throws: `PyTorchFileError.unreadable`.
    init(path: String) throws(PyTorchFileError) {
        do throws(ModelError) {
            let file = try MappedBytes(path: path)
            self.init(.file(file), 0..<file.bytes.count)
        } catch {
            guard case .unreadable(_, let reason) = error else {
                throw .unreadable(file: path, reason: "\(error)")
            }
            throw .unreadable(file: path, reason: reason)
        }
    }

    init(_ bytes: [UInt8]) {
        self.init(.memory(bytes), 0..<bytes.count)
    }

    private init(_ owner: Owner, _ range: Range<Int>) {
        self.owner = owner
        self.range = range
    }

    var count: Int { range.count }

    /// A part of this part; nil if it would reach beyond the end.
    func part(at offset: Int, count: Int) -> ByteRegion? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        let start = range.lowerBound + offset
        return ByteRegion(owner, start..<start + count)
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch owner {
        case .file(let file):
            try withExtendedLifetime(file) { try body(UnsafeRawBufferPointer(rebasing: file.bytes[range])) }
        case .memory(let bytes):
            try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
    }

    /// Frees the memory behind a part of a file; the bytes are read again when next used.
    func release() {
        if case .file(let file) = owner { file.release(range) }
    }
}
