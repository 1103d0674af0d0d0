import FoundationEssentials

/// The number of processors that this process may use.
public enum Processors {
    /// The number of processors that both the CPU affinity and the quotas of control groups allow, at least 1.
    public static var available: Int {
        // On Linux this is the result of `sched_getaffinity`.
        let affinity = ProcessInfo.processInfo.activeProcessorCount
        let quota = quota(ofGroups: text(of: "/proc/self/cgroup") ?? "", under: "/sys/fs/cgroup")
        return max(1, min(affinity, quota ?? affinity))
    }

    /// The smallest CPU quota of a process's control group and its ancestors.
    ///
    /// - Parameters:
    ///   - groups: the text of /proc/self/cgroup, which has a line `NUMBER:CONTROLLERS:PATH` for each hierarchy. The
    ///     line of version 2 has no controllers.
    ///   - mount: the directory where control groups are mounted. In version 1 it has a directory for each controller.
    ///     In a container, the container's own group may be mounted there, whatever path `groups` has.
    /// - Returns: the quota in processors, rounded up; nil if there is none.
    package static func quota(ofGroups groups: String, under mount: String) -> Int? {
        groups.split(whereSeparator: \.isNewline).compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            let controllers = parts[1].split(separator: ",")
            guard controllers.isEmpty || controllers.contains("cpu") else { return nil }
            var names = parts[2].split(separator: "/").map(String.init)
            if names.contains("..") { names = [] }
            let root = controllers.isEmpty ? mount : mount + "/cpu"
            return (0...names.count).compactMap { depth in
                quota(ofGroupAt: ([root] + names.prefix(depth)).joined(separator: "/"))
            }.min()
        }.min()
    }

    /// The CPU quota of one group in processors, rounded up: with 1.5 processors, two threads get more done than one,
    /// although they pause when the time of a period is used up.
    private static func quota(ofGroupAt directory: String) -> Int? {
        if let text = text(of: directory + "/cpu.max") { return quota(inCpuMax: text) }
        guard let quota = text(of: directory + "/cpu.cfs_quota_us"),
            let period = text(of: directory + "/cpu.cfs_period_us")
        else { return nil }
        return self.quota(inCpuMax: quota + " " + period)
    }

    /// Reads a quota from the text `QUOTA PERIOD`, both in microseconds.
    ///
    /// - Returns: the quota in processors, rounded up; nil if it is `max` or -1, which means no limit.
    package static func quota(inCpuMax text: String) -> Int? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else {
            return nil
        }
        // (quota + period - 1) / period could overflow.
        return (quota - 1) / period + 1
    }

    private static func text(of path: String) -> String? {
        (try? FileBytes.read(path, atMost: 4096)).map { String(decoding: $0, as: UTF8.self) }
    }
}
