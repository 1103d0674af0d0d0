/// What a plan does, and how long each part takes.
extension GradientPlan {
    /// A step of a plan as it ran.
    public struct StepProfile: Sendable {
        /// The convolutions or the pool; a prime marks the backward pass.
        public let name: String
        /// How it is computed: `openblas`, `direct` or `winograd` with its tile, and `bf16` where bfloat16 is
        /// multiplied; empty for what is no convolution.
        public let method: String
        /// Multiplications and additions of a direct convolution.
        public let operations: Int
        /// The least of several runs.
        public let duration: Duration

        /// What the vector kernels reach with all threads where nothing keeps them waiting, for what this convolution
        /// multiplies, in 10⁹ operations in a second; nil for what is no convolution.
        public let peakGigaflops: Double?

        /// 10⁹ operations in a second.
        public var gigaflops: Double {
            Double(operations) / max(1e-9, duration / .seconds(1)) / 1e9
        }
    }

    /// Runs each step apart, several times over, on all the plan's threads.
    public func profile(runs: Int) -> [StepProfile] {
        let clock = ContinuousClock()
        var best = [Duration](repeating: .seconds(1_000_000), count: program.steps.count)
        let programs = program.steps.map { Program([$0]) }
        for _ in 0..<max(1, runs) {
            for (index, program) in programs.enumerated() {
                best[index] = min(best[index], clock.measure { options.team.run(program, scratch: scratch) })
            }
        }
        let formats = Set(program.steps.filter { $0.operations > 0 }.map(\.factors))
        let peaks = Dictionary(uniqueKeysWithValues: formats.map { ($0, options.peakGigaflops(of: $0)) })
        return zip(program.steps, best).map { step, duration in
            StepProfile(
                name: step.name, method: step.method, operations: step.operations, duration: duration,
                peakGigaflops: step.operations > 0 ? peaks[step.factors] ?? nil : nil)
        }
    }
}
