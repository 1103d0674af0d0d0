import VisionNet

/// Generated weights of any network, whose kernels sum to zero for each output. `Fixtures/torchvision_networks.py` has
/// the same generator, and says why.
package struct CenteredWeights: WeightSource {
    /// The variance of each convolution's results without its BatchNorm or bias, by the convolution's name.
    private let variances: [String: Double]
    /// The convolutions without BatchNorm, whose kernels are scaled instead.
    private let scaled: Set<String>

    package init(_ network: Network, variances: [String: Double]) {
        self.variances = variances
        scaled = Set(network.graph().convolutions.filter { $0.offset == .bias }.map(\.name))
    }

    package func contains(_ name: String) -> Bool { true }

    package func check(_ name: String, shape: [Int]) {}

    package func tensor(named name: String, shape: [Int]) -> [Float] {
        let parts = name.split(separator: ".")
        let owner = parts.dropLast().joined(separator: ".")
        let variance = variances[owner] ?? .nan
        func uniform(_ amplitude: Double) -> [Float] {
            GeneratedWeights.uniform(seed: name, count: shape.reduce(1, *), amplitude: Float(amplitude))
        }
        switch parts.last {
        case "kernel": return kernel(name, shape, variance: scaled.contains(owner) ? variance : 1)
        case "gamma": return uniform(0.5).map { $0 + 1.5 }
        case "moving_mean": return uniform(0.1 * variance.squareRoot())
        case "moving_variance": return uniform(0.2).map { ($0 + 1) * Float(variance) }
        default: return uniform(0.5).map { $0 + 1 }
        }
    }

    private func kernel(_ name: String, _ shape: [Int], variance: Double) -> [Float] {
        let outputs = shape[3]
        let rows = shape.dropLast().reduce(1, *)
        let unit = GeneratedWeights.uniform(seed: name, count: rows * outputs, amplitude: 1)
        var sums = [Double](repeating: 0, count: outputs)
        for (index, value) in unit.enumerated() { sums[index % outputs] += Double(value) }
        let scale = (6 / Double(rows)).squareRoot() / variance.squareRoot()
        return unit.enumerated().map { Float((Double($1) - sums[$0 % outputs] / Double(rows)) * scale) }
    }
}
