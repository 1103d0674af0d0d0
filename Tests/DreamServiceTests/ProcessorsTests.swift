import DreamService
import Foundation
import TestSupport
import Testing

@Suite struct ProcessorsTests {
    @Test(
        "a control group's quota is rounded up to whole processors",
        arguments: [
            ("max 100000", nil), ("200000 100000", 2), ("150000 100000", 2), ("100001 100000", 2), ("50000 100000", 1),
            ("-1 100000", nil), ("", nil),
        ])
    func quota(text: String, expected: Int?) {
        #expect(Processors.quota(inCpuMax: text) == expected)
    }

    @Test(
        "the smallest quota of the process's control group and its ancestors is used",
        arguments: [
            // Version 2: the quota of the group, of its parent, and in a container whose own group is at the mount.
            ("0::/service.slice/dream", ["service.slice/dream/cpu.max": "300000 100000"], 3),
            (
                "0::/service.slice/dream",
                ["service.slice/dream/cpu.max": "max 100000", "service.slice/cpu.max": "150000 100000"], 2
            ),
            ("0::/docker/4f1", ["cpu.max": "400000 100000", "docker/cpu.max": "500000 100000"], 4),
            ("0::/../elsewhere", ["cpu.max": "100000 100000", "elsewhere/cpu.max": "1 1"], 1),
            // Version 1, where the memory controller's group has no quota of processors.
            (
                "5:memory:/a\n4:cpuset,cpu:/a/b\n0::/",
                ["cpu/a/b/cpu.cfs_quota_us": "250000\n", "cpu/a/b/cpu.cfs_period_us": "100000\n", "a/cpu.max": "1 1"], 3
            ),
            ("4:cpu:/a", ["cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"], nil),
            ("", ["cpu.max": "1 1"], nil),
            ("nonsense\n\n1:cpu", [:], nil),
        ] as [(String, [String: String], Int?)])
    func groups(list: String, files: [String: String], expected: Int?) async throws {
        try await TestFiles.withDirectory(of: files) { mount in
            #expect(Processors.quota(ofGroups: list, under: mount.path) == expected)
        }
    }
}
