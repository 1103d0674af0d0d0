import Dispatch
import Synchronization
import Testing
import VisionNet

/// Many pictures at once on one team of threads.
@Suite("A shared thread team", .serialized)
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

    @Test("gives each caller the bits it gets alone", arguments: [1, 2, 3, 6])
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
                // Another plan of the same workspace before and after.
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

    @Test("ends with its last workspace, busy or not")
    func teardown() throws {
        let model = try VisionModel.embedded()
        for processors in [2, 3, 5, 2, 4] {
            let workspace = try Workspace(model: model, options: ComputeOptions(threads: processors))
            #expect(try gradient(workspace, side: 75, runs: 2).allSatisfy { $0.allSatisfy(\.isFinite) })
        }
    }
}
