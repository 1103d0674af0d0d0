import Glibc

/// What this process uses of the system now.
struct ProcessUsage {
    /// The memory that is in use, in bytes; nil if the system does not tell.
    let residentBytes: Int?
    /// The computing time of all threads since the start of the process, in seconds.
    let processorSeconds: Double
    /// How many file descriptors are open; nil if the system does not tell.
    let openDescriptors: Int?
    /// How many may be open.
    let maximumDescriptors: Int

    /// Asks the kernel. This reads no disk, so it does not block.
    init() {
        residentBytes = (try? FileBytes.read("/proc/self/statm", atMost: 4096)).flatMap { bytes in
            // The second number is the resident memory in pages.
            let numbers = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            return numbers.count > 1 ? Int(numbers[1]).map { $0 * sysconf(Int32(_SC_PAGESIZE)) } : nil
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        processorSeconds = usage.ru_utime.seconds + usage.ru_stime.seconds
        openDescriptors = Self.countDescriptors()
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        maximumDescriptors = Int(clamping: limit.rlim_cur)
    }

    private static func countDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the descriptor of the directory itself.
        return max(0, count - 3)
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1_000_000 }
}
