/// Steps that threads work through together, one after the other.
final class Program: @unchecked Sendable {  // Read only once it is built; units write disjoint memory.
    /// Work that is done in any order, by any thread: `units` pieces, handed out `grain` at a time.
    struct Step {
        let name: String
        /// How it is computed: `direct`, `winograd 4×4` …
        var method = ""
        /// Multiplications and additions, counted as a direct convolution's; 0 for what is no convolution.
        var operations = 0
        let units: Int
        let grain: Int
        /// Does the units of a range. The second argument is the thread's number, from 0, which has scratch memory of
        /// its own.
        let body: (Range<Int>, Int) -> Void

        init(name: String, units: Int, grain: Int, body: @escaping (Range<Int>, Int) -> Void) {
            self.name = name
            self.units = units
            self.grain = grain
            self.body = body
        }
    }

    let steps: [Step]
    /// How far each step has come.
    let progress: [StepProgress]

    init(_ steps: [Step]) {
        self.steps = steps
        progress = steps.map { _ in StepProgress() }
    }

    /// Whether a run has no work left to hand out.
    func isHandedOut(in run: UInt32) -> Bool {
        guard let last = steps.last, let progress = progress.last else { return true }
        return progress.isHandedOut(last.units, in: run)
    }
}
