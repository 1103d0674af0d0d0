import FoundationEssentials

/// The processors that this process may use.
public enum Processors {
    /// The least of what the scheduler's affinity and the control group's quota allow, at least 1.
    public static var available: Int {
        // On Linux this is what `sched_getaffinity` says.
        let affinity = ProcessInfo.processInfo.activeProcessorCount
        return max(1, min(affinity, quota ?? affinity))
    }

    /// The processor time that the control group grants in each period, in whole processors rounded up: of 1.5
    /// processors one thread could use 1, two use all of it, at the price that both pause for the rest of a period.
    ///
    /// A container sees its own group at the mount point, in version 2 as `cpu.max`, in version 1 as two files.
    private static var quota: Int? {
        if let text = text(of: "/sys/fs/cgroup/cpu.max") { return quota(inCpuMax: text) }
        guard let quota = text(of: "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
            let period = text(of: "/sys/fs/cgroup/cpu/cpu.cfs_period_us")
        else { return nil }
        return self.quota(inCpuMax: quota + " " + period)
    }

    /// Reads `QUOTA PERIOD` in microseconds; nil where there is no limit (`max`, or -1).
    package static func quota(inCpuMax text: String) -> Int? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else {
            return nil
        }
        return (quota + period - 1) / period
    }

    private static func text(of path: String) -> String? {
        (try? FileBytes.read(path, atMost: 4096)).map { String(decoding: $0, as: UTF8.self) }
    }
}
