/// Steps that threads work through together, one after the other.
final class Program: @unchecked Sendable {  // Read only once it is built; parts write disjoint memory.
    /// Work that is done in any order, by any thread: `units` pieces, handed out in even `parts`. Which units make a
    /// part depends on nothing but these two numbers, so neither does the result.
    struct Step {
        /// The convolutions or the pool; a prime marks the backward pass.
        let name: String
        /// How it is computed: `direct`, `winograd 4×4` …
        var method = ""
        /// Multiplications and additions, counted as a direct convolution's; 0 for what is no convolution.
        var operations = 0
        /// What a convolution multiplies.
        var factors = ElementFormat.float32
        private(set) var units: Int
        let parts: Int
        /// How many threads may take part.
        let threads: Int
        /// Does the units of a range, with memory of the thread that does it.
        private(set) var body: (Range<Int>, ScratchMemory) -> Void

        /// - Parameters:
        ///   - units: at least 1.
        ///   - threads: how many may take part.
        ///   - partsPerThread: more than one, so that a slow thread leaves work to the others.
        ///   - most: the most units in a part, where memory sets a bound.
        init(
            name: String, units: Int, threads: Int, partsPerThread: Int = 2, most: Int = .max,
            body: @escaping (Range<Int>, ScratchMemory) -> Void
        ) {
            self.name = name
            self.units = units
            self.body = body
            self.threads = threads
            let parts = threads > 1 ? partsPerThread * threads : 1
            self.parts = max(1, min(units, max(parts, (units - 1) / most + 1)))
        }

        func units(ofPart part: Int) -> Range<Int> {
            units * part / parts..<units * (part + 1) / parts
        }

        func run(part: Int, scratch: ScratchMemory) {
            body(units(ofPart: part), scratch)
        }

        /// The step with one more unit at the end, which does `work`.
        func followed(by work: @escaping () -> Void) -> Step {
            var step = self
            let (inner, count) = (body, units)
            step.units += 1
            step.body = { units, scratch in
                let own = units.clamped(to: 0..<count)
                if !own.isEmpty { inner(own, scratch) }
                if units.upperBound > count { work() }
            }
            return step
        }
    }

    let steps: [Step]
    /// How far each step has come.
    let progress: [StepProgress]

    init(_ steps: [Step]) {
        self.steps = steps
        progress = steps.map { StepProgress(parts: $0.parts, shares: $0.threads) }
    }

    /// Whether a run has no work left to hand out.
    func isHandedOut(in run: UInt32) -> Bool {
        progress.last?.isHandedOut(in: run) ?? true
    }
}
