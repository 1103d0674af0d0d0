/// Work on a picture around its gradient, which the threads of a workspace share row by row.
///
/// What it does is fixed when it is made; after the first run, which may enlarge the threads' scratch memory, it
/// allocates nothing itself.
package final class RowWork {
    package enum Step {
        /// Does a range of `count` rows with room for so many floats of scratch memory; ranges are done in any order,
        /// at the same time.
        case rows(count: Int, scratch: Int = 0, (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void)
        /// Is done once, between the steps before and after it.
        case once(() -> Void)
    }

    private let program: Program
    private let workspace: Workspace

    package init(_ steps: [Step], in workspace: Workspace) {
        let threads = workspace.options.threads
        program = Program(
            steps.map { step in
                switch step {
                case .rows(let count, let floats, let body):
                    Program.Step(name: "rows", units: count, threads: threads) { rows, scratch in
                        let room = scratch.room(bytes: floats * MemoryLayout<Float>.stride)
                        body(rows, UnsafeMutableBufferPointer(start: room.floats, count: floats))
                    }
                case .once(let body):
                    Program.Step(name: "once", units: 1, threads: 1) { _, _ in body() }
                }
            })
        self.workspace = workspace
    }

    package func run() {
        workspace.options.team.run(program, scratch: workspace.scratch)
    }
}
