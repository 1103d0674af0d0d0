import FoundationEssentials
import VisionNet

/// The steps of a plan, how long each takes, and how its speed compares with the processor's peak.
struct PlanReport: Encodable {
    struct Step: Encodable {
        /// The convolutions or the pool; a prime (′) marks the backward pass.
        let name: String
        /// The algorithm of a convolution and its tile; empty for other steps.
        let method: String
        let milliseconds: Double
        /// The speed of a convolution in 10⁹ operations a second, counting those of the direct algorithm; nil for other
        /// steps.
        let gigaflops: Double?
        /// The speed of the vector kernels with all data in the nearest cache, for the format that the step multiplies
        /// (float or bfloat16); nil for steps that are not convolutions.
        let peakGigaflops: Double?

        /// `gigaflops` as a share of `peakGigaflops`. It can be above 1, because Winograd's algorithm needs fewer
        /// operations than the direct one.
        var share: Double? { gigaflops.flatMap { speed in peakGigaflops.map { speed / $0 } } }
    }

    let model, backend, precision, size: String
    let threads: Int
    /// The steps in the order in which they run: forward, then backward.
    let steps: [Step]
    /// The time of all steps together.
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
            // Align names to the left and numbers to the right.
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return column < 2 ? row[column] + padding : padding + row[column]
            }
            return cells.joined(separator: "  ")
        }
        return """
            \(model), \(size), \(backend), \(precision), threads \(threads)

            \(lines.joined(separator: "\n"))

            \(steps.count) steps, \(Self.fixed(milliseconds, digits: 1)) ms in total. GFLOPS are counted for the \
            direct algorithm. Shares are of the processor's peak with these threads, \(peaks).
            """
    }

    /// A number, 0 or more, rounded to `digits` decimals.
    private static func fixed(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in 10 * scale }
        let (whole, rest) = Int((value * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
        return digits == 0 ? "\(whole)" : "\(whole)." + String("\(scale + rest)".dropFirst())
    }
}
