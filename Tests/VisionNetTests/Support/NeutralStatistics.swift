import VisionNet

/// BatchNorm statistics that change nothing, except that the given means are subtracted.
struct NeutralStatistics: WeightSource {
    /// Means by the convolution's name; all others are 0.
    var means: [String: Float] = [:]

    func check(_ name: String, shape: [Int]) {}
    func contains(_ name: String) -> Bool { name.hasSuffix(".moving_mean") || name.hasSuffix(".moving_variance") }
    func tensor(named name: String, shape: [Int]) -> [Float] {
        let mean = means.first { name == "\($0.key).moving_mean" }?.value ?? 0
        return [Float](repeating: name.hasSuffix(".moving_variance") ? 1 : mean, count: shape.reduce(1, *))
    }
}
