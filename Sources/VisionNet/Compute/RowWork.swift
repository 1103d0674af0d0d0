/// Work on a picture besides its gradient, which the threads of a workspace share row by row.
///
/// Its steps are fixed when it is made. The first run may enlarge the threads' scratch memory; later runs allocate
/// nothing.
package final class RowWork {
    package enum Step {
        /// Calls the closure on ranges of `count` rows, in any order and in parallel, with scratch memory for `scratch`
        /// floats.
        case rows(count: Int, scratch: Int = 0, (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void)
        /// Calls the closure once, between the steps before and after it.
        case once(() -> Void)
    }

    private let program: Program
    private let workspace: Workspace
    private let isCancelled: @Sendable () -> Bool

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
        isCancelled = workspace.isCancelled
    }

    /// Does the work. If the workspace's work was cancelled, a part of it may be left out.
    package func run() {
        workspace.options.team.run(program, scratch: workspace.scratch, isCancelled: isCancelled)
    }
}
