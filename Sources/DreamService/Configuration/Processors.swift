import FoundationEssentials

/// The number of processors that this process may use.
public enum Processors {
    /// The number of processors that both the CPU affinity and the quotas of control groups allow, at least 1.
    public static var available: Int {
        // On Linux this is the result of `sched_getaffinity`.
        let affinity = ProcessInfo.processInfo.activeProcessorCount
        let quota = quota(ofGroups: ControlGroups.own, under: ControlGroups.mount)
        return max(1, min(affinity, quota ?? affinity))
    }

    /// The smallest CPU quota of a process's control group and its ancestors.
    ///
    /// - Parameters:
    ///   - groups: the text of /proc/self/cgroup.
    ///   - mount: where control groups are mounted.
    /// - Returns: the quota in processors, rounded up; nil if there is none.
    package static func quota(ofGroups groups: String, under mount: String) -> Int? {
        ControlGroups.smallest(of: "cpu", ofGroups: groups, under: mount, quota(ofGroupAt:))
    }

    /// The CPU quota of one group in processors, rounded up: with 1.5 processors, two threads get more done than one,
    /// although they pause when the time of a period is used up.
    private static func quota(ofGroupAt directory: String) -> Int? {
        if let text = ControlGroups.text(of: directory + "/cpu.max") { return quota(inCpuMax: text) }
        guard let quota = ControlGroups.text(of: directory + "/cpu.cfs_quota_us"),
            let period = ControlGroups.text(of: directory + "/cpu.cfs_period_us")
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
}
