import Glibc

/// Turns evidence for classes into probabilities.
enum Softmax {
    /// `exp(evidence) / Σ exp(evidence)`, without overflow for large evidence.
    static func of(_ evidence: [Double]) -> [Double] {
        let largest = evidence.max() ?? 0
        let powers = evidence.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}
