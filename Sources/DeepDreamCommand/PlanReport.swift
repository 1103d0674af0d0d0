import FoundationEssentials
import VisionNet

/// What each step of a plan is, how long it takes, and how it compares with the processor's peak.
struct PlanReport: Encodable {
    struct Step: Encodable {
        /// The convolutions or the pool; a prime marks the backward pass.
        let name: String
        /// How a convolution is computed, with the tile; empty for what is none.
        let method: String
        let milliseconds: Double
        /// 10⁹ operations of a direct convolution in a second; nil for what is none.
        let gigaflops: Double?
        /// What the vector kernels reach where nothing keeps them waiting, for floats or bfloat16 as the step multiplies.
        let peakGigaflops: Double?

        /// Winograd's algorithm needs fewer operations, so it may exceed 1.
        var share: Double? { gigaflops.flatMap { speed in peakGigaflops.map { speed / $0 } } }
    }

    let model, backend, precision, size: String
    let threads: Int
    /// In the order in which they run, forward and then backward.
    let steps: [Step]
    /// The sum over the steps.
    let milliseconds: Double

    init(
        model: String, options: ComputeOptions, precision: Precision, size: String,
        _ profiles: [GradientPlan.StepProfile]
    ) {
        self.model = model
        backend = options.backend(for: precision).rawValue
        self.precision = precision.rawValue
        self.size = size
        threads = options.threads
        steps = profiles.map { profile in
            Step(
                name: profile.name, method: profile.method, milliseconds: profile.duration / .milliseconds(1),
                gigaflops: profile.operations > 0 ? profile.gigaflops : nil, peakGigaflops: profile.peakGigaflops)
        }
        milliseconds = steps.reduce(0) { $0 + $1.milliseconds }
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// A table, one line for each step.
    var text: String {
        let reduced = steps.first { $0.method.hasSuffix("bf16") }?.peakGigaflops
        let full = steps.first { !$0.method.isEmpty && !$0.method.hasSuffix("bf16") }?.peakGigaflops
        let peaks = [(full, "floats"), (reduced, "bfloat16")].compactMap { peak, format in
            peak.map { "\(Self.fixed($0, digits: 1)) GFLOPS of \(format)" }
        }.joined(separator: " and ")
        let head = ["step", "method", "ms", "GFLOPS", "share"]
        let rows = steps.map { step in
            [
                step.name, step.method, Self.fixed(step.milliseconds, digits: 3),
                step.gigaflops.map { Self.fixed($0, digits: 1) } ?? "-",
                step.share.map { Self.fixed(100 * $0, digits: 0) + " %" } ?? "-",
            ]
        }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([head] + rows).map { row in
            // Names to the left, numbers to the right.
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column < 2 ? row[column] + padding : padding + row[column]
            }
            return cells.joined(separator: "  ")
        }
        return """
            \(model), \(size), \(backend), \(precision), threads \(threads)

            \(lines.joined(separator: "\n"))

            \(steps.count) steps, \(Self.fixed(milliseconds, digits: 1)) ms together. GFLOPS count a direct \
            convolution's operations; share is of the processor's peak with these threads, \(peaks).
            """
    }

    /// A number from 0 with so many decimals.
    private static func fixed(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in 10 * scale }
        let (whole, rest) = Int((value * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
        return digits == 0 ? "\(whole)" : "\(whole)." + String("\(scale + rest)".dropFirst())
    }
}
