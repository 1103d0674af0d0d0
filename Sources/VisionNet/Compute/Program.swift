import Synchronization

/// Steps that threads work through together, one after another.
final class Program: @unchecked Sendable {  // Read only once it is built; parts write disjoint memory.
    /// Work that any threads can do in any order: `units` pieces, handed out in `parts` of even size. Which units form
    /// a part depends only on these two numbers, so the result does not depend on the threads.
    struct Step {
        /// The names of the convolutions, or of the pool; a prime marks the backward pass.
        var name: String
        /// How it is computed: `direct`, `winograd 4×4` …
        var method = ""
        /// Multiplications and additions that a direct convolution takes; 0 if it is not a convolution.
        var operations = 0
        /// The format of a convolution's factors.
        var factors = ElementFormat.float32
        private(set) var units: Int
        let parts: Int
        /// The most threads that may take part.
        let threads: Int
        /// Does a range of units, using the scratch memory of its thread.
        private(set) var body: (Range<Int>, ScratchMemory) -> Void

        /// - Parameters:
        ///   - units: at least 1.
        ///   - threads: the most threads that may take part.
        ///   - partsPerThread: more than one lets other threads take over work from a slow one.
        ///   - most: the most units in a part, if memory limits them.
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

        /// The step with one more unit, which calls `work`.
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
    /// The progress of each step.
    let progress: [StepProgress]
    /// Whether what is left of the current run is not wanted any more.
    let isAbandoned = Atomic(false)

    init(_ steps: [Step]) {
        self.steps = steps
        progress = steps.map { StepProgress(parts: $0.parts, shares: $0.threads) }
    }

    /// Whether all work of a run has been handed out.
    func isHandedOut(in run: UInt32) -> Bool {
        progress.last?.isHandedOut(in: run) ?? true
    }
}
