import TestSupport
import Testing
import VisionNet

/// What a workspace keeps between plans.
@Suite("Workspaces") struct WorkspaceTests {
    private static let terms = [GradientPlan.Term(layer: "mixed3")]

    private func workspace() throws -> Workspace { try Workspace(model: .embedded()) }

    @Test("memory is kept for plans of similar size, and given back for much smaller ones")
    func reuse() throws {
        let workspace = try workspace()
        _ = try workspace.plan(Self.terms, height: 300, width: 300)
        let large = workspace.keptBytes
        _ = try workspace.plan(Self.terms, height: 200, width: 300)
        #expect(workspace.keptBytes == large)
        _ = try workspace.plan(Self.terms, height: 100, width: 100)
        #expect(workspace.keptBytes < large / 4)
    }

    @Test("between pictures, a large amount of memory is given back and a small one is kept")
    func givingBack() throws {
        let workspace = try workspace()
        let plan = try workspace.plan(Self.terms, height: 300, width: 300)
        let little = workspace.keptBytes
        workspace.releaseExcessMemory()
        #expect(workspace.keptBytes == little)
        plan.input.update(repeating: 0.5)
        let value = plan.run()

        let large = try workspace.plan(Self.terms, height: 2000, width: 1500)
        #expect(workspace.keptBytes > 64 << 20)
        workspace.releaseExcessMemory()
        #expect(workspace.keptBytes < little)
        // A plan that is still used keeps its memory.
        large.input.update(repeating: 0.5)
        large.run()
        let again = try workspace.plan(Self.terms, height: 300, width: 300)
        again.input.update(repeating: 0.5)
        #expect(again.run() == value)
    }
}
