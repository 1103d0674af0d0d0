import Foundation

/// How far numbers are from reference values.
package struct Comparison {
    /// The root of the mean squared error over the reference's standard deviation.
    package let rmsOverDeviation: Double
    package let medianOverDeviation: Double
    package let largestOverLargest: Double
    /// The norm of the difference over the reference's norm.
    package let relativeNorm: Double
    package let cosine: Double

    package init(_ found: [Float], _ expected: [Float]) {
        precondition(found.count == expected.count && !found.isEmpty)
        let (a, b) = (found.map(Double.init), expected.map(Double.init))
        let count = Double(a.count)
        let mean = b.reduce(0, +) / count
        let deviation = max(
            (b.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot(), .leastNonzeroMagnitude)
        let errors = zip(a, b).map { abs($0 - $1) }.sorted()
        let squares = errors.reduce(0) { $0 + $1 * $1 }
        let norm = b.reduce(0) { $0 + $1 * $1 }
        rmsOverDeviation = (squares / count).squareRoot() / deviation
        medianOverDeviation = errors[errors.count / 2] / deviation
        largestOverLargest = (errors.last ?? 0) / (b.map(abs).max() ?? 1)
        relativeNorm = (squares / norm).squareRoot()
        let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        cosine = dot / (norm * a.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }
}

/// The peak signal-to-noise ratio in dB of pictures whose range is `peak` wide.
package func psnr(_ a: [Float], _ b: [Float], peak: Double) -> Double {
    let squares = zip(a, b).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    return 10 * log10(peak * peak / max(squares / Double(a.count), 1e-30))
}
