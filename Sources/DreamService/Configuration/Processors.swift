import FoundationEssentials

/// The processors that this process may use.
public enum Processors {
    /// The least of what the scheduler's affinity and the control groups' quotas allow, at least 1.
    public static var available: Int {
        // On Linux this is what `sched_getaffinity` says.
        let affinity = ProcessInfo.processInfo.activeProcessorCount
        let quota = quota(ofGroups: text(of: "/proc/self/cgroup") ?? "", under: "/sys/fs/cgroup")
        return max(1, min(affinity, quota ?? affinity))
    }

    /// The least quota of a process's control group and of those around it; nil where none has one.
    ///
    /// - Parameters:
    ///   - groups: as /proc/self/cgroup lists them, a line `NUMBER:CONTROLLERS:PATH` for each hierarchy; that of version 2
    ///     names no controllers.
    ///   - mount: where the groups are directories: in version 1 those of a controller under its name. A container may see
    ///     its own group there, whatever path the list has.
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

    /// The processor time that a group grants in each period, in whole processors rounded up: of 1.5 processors one
    /// thread could use 1, two use all of it, at the price that both pause for the rest of a period.
    private static func quota(ofGroupAt directory: String) -> Int? {
        if let text = text(of: directory + "/cpu.max") { return quota(inCpuMax: text) }
        guard let quota = text(of: directory + "/cpu.cfs_quota_us"),
            let period = text(of: directory + "/cpu.cfs_period_us")
        else { return nil }
        return self.quota(inCpuMax: quota + " " + period)
    }

    /// Reads `QUOTA PERIOD` in microseconds; nil where there is no limit (`max`, or -1).
    package static func quota(inCpuMax text: String) -> Int? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else {
            return nil
        }
        // Not (quota + period - 1) / period, which may overflow.
        return (quota - 1) / period + 1
    }

    private static func text(of path: String) -> String? {
        (try? FileBytes.read(path, atMost: 4096)).map { String(decoding: $0, as: UTF8.self) }
    }
}
