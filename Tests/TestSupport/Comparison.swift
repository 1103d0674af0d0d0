import Foundation

/// The differences between numbers and their reference values.
package struct Comparison {
    /// The root mean square of the errors, divided by the reference's standard deviation.
    package let rmsOverDeviation: Double
    /// The median of the absolute errors, divided by the reference's standard deviation.
    package let medianOverDeviation: Double
    /// The largest absolute error, divided by the reference's largest absolute value.
    package let largestOverLargest: Double
    /// The norm of the difference, divided by the reference's norm.
    package let relativeNorm: Double
    /// The cosine of the angle between both, taken as vectors.
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
