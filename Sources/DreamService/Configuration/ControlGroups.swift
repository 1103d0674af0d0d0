/// The limits that control groups set to this process.
enum ControlGroups {
    /// The smallest limit of a process's control group and its ancestors.
    ///
    /// - Parameters:
    ///   - controller: `cpu` or `memory`.
    ///   - groups: the text of /proc/self/cgroup, which has a line `NUMBER:CONTROLLERS:PATH` for each hierarchy. The
    ///     line of version 2 has no controllers.
    ///   - mount: the directory where control groups are mounted. In version 1 it has a directory for each controller.
    ///     In a container, the container's own group may be mounted there, whatever path `groups` has.
    ///   - limit: reads the limit of the group in a directory; nil if it has none.
    static func smallest(
        of controller: String, ofGroups groups: String, under mount: String, _ limit: (_ directory: String) -> Int?
    ) -> Int? {
        groups.split(whereSeparator: \.isNewline).compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            let controllers = parts[1].split(separator: ",")
            guard controllers.isEmpty || controllers.contains(controller[...]) else { return nil }
            var names = parts[2].split(separator: "/").map(String.init)
            if names.contains("..") { names = [] }
            let root = controllers.isEmpty ? mount : mount + "/" + controller
            return (0...names.count).compactMap { depth in
                limit(([root] + names.prefix(depth)).joined(separator: "/"))
            }.min()
        }.min()
    }

    /// The groups of this process.
    static var own: String { text(of: "/proc/self/cgroup") ?? "" }

    /// Where control groups are mounted.
    static let mount = "/sys/fs/cgroup"

    /// A small file, such as those of groups.
    static func text(of path: String) -> String? {
        (try? FileBytes.read(path, atMost: 4096)).map { String(decoding: $0, as: UTF8.self) }
    }
}
