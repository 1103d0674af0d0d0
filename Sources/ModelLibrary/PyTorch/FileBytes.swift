import Glibc

/// The bytes of a file, or bytes in memory.
///
/// A file is memory-mapped, so that only the pages in use are in memory.
final class FileBytes: @unchecked Sendable {  // Immutable; the pointer is why the compiler cannot see it.
    private let mapped: UnsafeRawBufferPointer?
    private let array: [UInt8]

    /// - Throws: `PyTorchFileError.unreadable`.
    init(path: String) throws {
        func unreadable() -> PyTorchFileError { .unreadable(file: path, reason: String(cString: strerror(errno))) }
        // Without O_NONBLOCK, opening a pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw PyTorchFileError.unreadable(file: path, reason: "it is not a regular file")
        }
        array = []
        let count = Int(status.st_size)
        guard count > 0 else {
            mapped = nil
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw unreadable()
        }
        mapped = UnsafeRawBufferPointer(start: address, count: count)
    }

    init(_ bytes: [UInt8]) {
        mapped = nil
        array = bytes
    }

    deinit {
        if let mapped { munmap(UnsafeMutableRawPointer(mutating: mapped.baseAddress), mapped.count) }
    }

    var count: Int { mapped?.count ?? array.count }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) {
            if let mapped { try body(mapped) } else { try array.withUnsafeBytes(body) }
        }
    }

    /// Lets go of the memory behind some bytes of a mapped file; they are read again when next used.
    func release(_ range: Range<Int>) {
        guard let base = mapped?.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }
}

/// A part of a file's bytes; it keeps them alive.
struct ByteRegion: Sendable {
    private let owner: FileBytes
    private let range: Range<Int>

    /// All of the bytes.
    init(_ owner: FileBytes) {
        self.owner = owner
        range = 0..<owner.count
    }

    private init(_ owner: FileBytes, _ range: Range<Int>) {
        self.owner = owner
        self.range = range
    }

    var count: Int { range.count }

    /// A part of this part; nil where it would reach beyond.
    func part(at offset: Int, count: Int) -> ByteRegion? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        let start = range.lowerBound + offset
        return ByteRegion(owner, start..<start + count)
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try owner.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// See ``FileBytes/release(_:)``.
    func release() {
        owner.release(range)
    }
}
