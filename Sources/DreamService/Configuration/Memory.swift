import CMalloc
import Glibc

/// The memory of the machine that this process may use, in bytes.
public enum Memory {
    /// What the control groups allow, and at most three quarters of the machine's memory: other programs run, too.
    static var allowed: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 4 * 3
        return min(machine, limit(ofGroups: ControlGroups.own, under: ControlGroups.mount) ?? machine)
    }

    /// How much more this process can take: what is left of `total`, and of the addresses and the data that its own
    /// limits allow (`ulimit -v` and `-d`). Where these are scarce, `malloc` fails.
    ///
    /// - Parameter total: what the process may use in all.
    package static func free(of total: Int) -> Int {
        let pages = ControlGroups.text(of: "/proc/self/statm")?.split(separator: " ").compactMap { Int($0) } ?? []
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        func used(_ column: Int) -> Int { column < pages.count ? pages[column] * pageBytes : 0 }
        return max(
            0, min(total - used(1), limit(RLIMIT_AS) - used(0), limit(RLIMIT_DATA) - used(5)))
    }

    private static func limit(_ resource: __rlimit_resource) -> Int {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0 else { return .max }
        return Int(clamping: limits.rlim_cur)
    }

    /// The smallest limit of a process's control group and its ancestors.
    ///
    /// - Parameters:
    ///   - groups: the text of /proc/self/cgroup.
    ///   - mount: where control groups are mounted.
    /// - Returns: bytes; nil if there is no limit.
    package static func limit(ofGroups groups: String, under mount: String) -> Int? {
        ControlGroups.smallest(of: "memory", ofGroups: groups, under: mount) { directory in
            ["memory.max", "memory.high", "memory.limit_in_bytes"].compactMap { file in
                // `max` is no number; version 1 writes "no limit" as a very large one.
                ControlGroups.text(of: "\(directory)/\(file)").flatMap { text in Int(text.filter { !$0.isWhitespace }) }
            }.min()
        }
    }

    /// Whether the system would give the process this much memory now.
    static func isAvailable(_ bytes: Int) -> Bool {
        guard bytes > 0 else { return true }
        let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else { return false }
        munmap(address, bytes)
        return true
    }

    /// Has large blocks given back to the system when they are freed, so that what the service counts is what it takes:
    /// by default, `malloc` keeps blocks of up to 32 MB, and an area of 64 MB of addresses for each thread.
    ///
    /// Call it before there are threads.
    static func giveBackFreedBlocks() {
        mallopt(M_MMAP_THRESHOLD, 1 << 18)
        mallopt(M_TRIM_THRESHOLD, 1 << 20)
        mallopt(M_ARENA_MAX, 2)
    }
}
