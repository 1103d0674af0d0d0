/// Measures the steps of a plan.
extension GradientPlan {
    /// A step of a plan and its measured time.
    public struct StepProfile: Sendable {
        /// The names of the convolutions, or of the pool; a prime marks the backward pass.
        public let name: String
        /// How it is computed: `openblas`, `direct`, `depthwise` or `winograd` with its tile, and `bf16` if the factors
        /// are bfloat16; empty if it is not a convolution.
        public let method: String
        /// Multiplications and additions that a direct convolution takes; 0 if it is not a convolution.
        public let operations: Int
        /// The shortest of several runs.
        public let duration: Duration

        /// The highest speed of the vector kernels on all threads, without waiting for memory, in 10⁹ operations per
        /// second for this convolution's number format; nil if it is not a convolution.
        public let peakGigaflops: Double?

        /// The step's speed in 10⁹ operations per second.
        public var gigaflops: Double {
            Double(operations) / max(1e-9, duration / .seconds(1)) / 1e9
        }
    }

    /// Runs each step separately, `runs` times, on all the plan's threads.
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
