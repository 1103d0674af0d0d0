import Glibc

/// Read-only bytes of a mapped file.
///
/// Nobody may cut the file short meanwhile: reading what is missing ends the process. So this is for commands only.
package final class MappedBytes: @unchecked Sendable {  // Immutable; the pointer is why the compiler cannot see it.
    package let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// - Throws: `ModelError.unreadable`.
    package init(path: String) throws(ModelError) {
        func unreadable() -> ModelError { .unreadable(file: path, reason: String(cString: strerror(errno))) }
        // Without O_NONBLOCK, opening a pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ModelError.unreadable(file: path, reason: "it is not a regular file")
        }
        guard status.st_size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            isMapped = false
            return
        }
        let count = Int(status.st_size)
        guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw unreadable()
        }
        bytes = UnsafeRawBufferPointer(start: address, count: count)
        isMapped = true
    }

    /// Frees the memory behind some bytes; they are read from the file again when next used.
    package func release(_ range: Range<Int>) {
        guard isMapped, let base = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    deinit {
        if isMapped { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }
    }
}
