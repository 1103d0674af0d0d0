import Glibc

/// Memory whose last element is followed by a page that may not be touched: reading or writing past the end crashes.
final class GuardedBuffer<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int
    private let mapping: UnsafeMutableRawPointer
    private let mappingLength: Int

    init(count: Int, _ element: (Int) -> Element) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let bytes = count * MemoryLayout<Element>.stride
        let usable = (bytes + page - 1) / page * page
        guard let mapping = mmap(nil, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            mapping != MAP_FAILED
        else { preconditionFailure("no memory for a test buffer of \(bytes) bytes") }
        self.mapping = mapping
        mappingLength = usable + page
        precondition(mprotect(self.mapping + usable, page, PROT_NONE) == 0)
        base = (self.mapping + usable - bytes).bindMemory(to: Element.self, capacity: count)
        self.count = count
        for index in 0..<count { base[index] = element(index) }
    }

    deinit { munmap(mapping, mappingLength) }

    var elements: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
