import Dispatch
import Foundation
import Synchronization
import Testing
import VisionNet

/// Many pictures at once on one team of threads. A fault here is likely to be a deadlock, hence the time limit.
@Suite("A shared thread team", .serialized, .timeLimit(.minutes(5)))
struct SharedTeamTests {
    private func gradient(
        _ workspace: Workspace, side: Int, runs: Int, precision: Precision = .full
    ) throws -> [[Float]] {
        let plan = try workspace.plan(
            [.init(layer: "mixed2")], height: side, width: side + 9, precision: precision)
        for index in plan.input.indices { plan.input[index] = Float(index * 7919 % 509) / 254 - 1 }
        return (0..<runs).map { _ in
            plan.run()
            return Array(plan.gradient)
        }
    }

    @Test("gives each caller the same bits as when it runs alone", arguments: [1, 2, 3, 6])
    func concurrency(processors: Int) throws {
        let model = try VisionModel.embedded()
        let sides = (0..<8).map { 75 + 6 * $0 }
        let alone = try sides.map { side in
            try gradient(Workspace(model: model, options: ComputeOptions(threads: 1)), side: side, runs: 1)[0]
        }
        let team = ThreadTeam(processors: processors)
        let wrong = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: sides.count) { index in
            do {
                let workspace = try Workspace(model: model, options: ComputeOptions(team: team))
                // The same plan again after another one of the same workspace.
                for side in [sides[index], sides[(index + 3) % sides.count], sides[index]] {
                    let expected = alone[sides.firstIndex(of: side) ?? 0]
                    for found in try gradient(workspace, side: side, runs: 12) where found != expected {
                        wrong.withLock { $0.append("\(side) of caller \(index)") }
                    }
                }
            } catch {
                wrong.withLock { $0.append("\(error)") }
            }
        }
        #expect(wrong.withLock { $0 } == [])
    }

    @Test("gives the same bits in fast precision, however many threads", .enabled(if: Precision.fast.isAvailable))
    func fast() throws {
        let model = try VisionModel.embedded()
        let alone = try gradient(
            Workspace(model: model, options: ComputeOptions(threads: 1)), side: 120, runs: 1, precision: .fast)[0]
        for threads in 2...4 {
            let workspace = try Workspace(model: model, options: ComputeOptions(threads: threads))
            for found in try gradient(workspace, side: 120, runs: 20, precision: .fast) { #expect(found == alone) }
        }
    }

    /// A thread inherits the name of the thread that starts it, so a team's helpers can be told from all others.
    @Test(
        "ends its helper threads with its last workspace, whether they spin or sleep", arguments: [0, 50] as [UInt32])
    func teardown(millisecondsOfRest: UInt32) throws {
        let (mine, helpers) = (try threadName(), "team-\(millisecondsOfRest)")
        try setThreadName(helpers)
        defer { try? setThreadName(mine) }
        let model = try VisionModel.embedded()
        for processors in [2, 3, 5, 2, 4] {
            do {
                let workspace = try Workspace(model: model, options: ComputeOptions(threads: processors))
                _ = try gradient(workspace, side: 75, runs: 2)
                // This thread has the name too.
                #expect(try threads(named: helpers) == processors)
                usleep(1000 * millisecondsOfRest)
            }
            let deadline = ContinuousClock.now + .seconds(30)
            while try threads(named: helpers) > 1, ContinuousClock.now < deadline { usleep(1000) }
            #expect(try threads(named: helpers) == 1, "threads of a team of \(processors) are left")
        }
    }

    private func threadName(_ thread: String = "thread-self") throws -> String {
        try String(contentsOfFile: "/proc/\(thread)/comm", encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    private func setThreadName(_ name: String) throws {
        try #require(FileHandle(forWritingAtPath: "/proc/thread-self/comm")).write(contentsOf: Data(name.utf8))
    }

    /// How many threads of this process have a name. One that ends while it is looked at has none.
    private func threads(named name: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            .count { (try? threadName("self/task/\($0)")) == name }
    }
}
