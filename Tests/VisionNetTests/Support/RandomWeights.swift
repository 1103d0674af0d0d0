import TestSupport
import VisionNet

/// Random weights, seeded by each tensor's name, with BatchNorm statistics that are not neutral.
struct RandomWeights: WeightSource {
    func check(_ name: String, shape: [Int]) {}
    func contains(_ name: String) -> Bool { true }

    func tensor(named name: String, shape: [Int]) -> [Float] {
        let count = shape.reduce(1, *)
        let uniform = GeneratedWeights.uniform(seed: name, count: count, amplitude: 1)
        if name.hasSuffix(".kernel") {
            let scale = (3 / Float(shape.dropLast().reduce(1, *))).squareRoot()
            return uniform.map { $0 * scale }
        }
        if name.hasSuffix(".moving_variance") || name.hasSuffix(".gamma") { return uniform.map { 0.6 + 0.4 * $0 } }
        // A large beta, so that ReLU6 has something to clip.
        return uniform.map { $0 * 0.3 + (name.hasPrefix("clipped") ? 5.5 : 0) }
    }
}
