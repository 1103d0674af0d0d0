/// Steps that threads work through together, one after the other.
final class Program: Sendable {
    /// Work that is done in any order, by any thread: `units` pieces, handed out `grain` at a time.
    struct Step: Sendable {
        let name: String
        let units: Int
        let grain: Int
        /// Does the units of a range. The second argument is the thread's number, from 0, which has scratch memory of
        /// its own.
        let body: @Sendable (Range<Int>, Int) -> Void
    }

    let steps: [Step]
    /// How far each step has come.
    let progress: [StepProgress]

    init(_ steps: [Step]) {
        self.steps = steps
        progress = steps.map { _ in StepProgress() }
    }
}
