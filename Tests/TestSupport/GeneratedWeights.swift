import VisionNet

/// The weights of the full-width reference networks. Kernels, betas, biases and gammas come from a small random number
/// generator, which `Fixtures/make_inception_reference.py` and `make_efficientnet_reference.py` have too. BatchNorm
/// statistics come from a committed file.
package struct GeneratedWeights: WeightSource {
    /// Has `NAME.moving_mean` and `NAME.moving_variance` of every convolution.
    private let statistics: any WeightSource
    /// The suffixes of the tensors that are generated.
    private let generated: [String]

    /// - Parameter hasGammas: whether the BatchNorms have gammas, in [1, 2).
    package init(statistics: any WeightSource, hasGammas: Bool = false) {
        self.statistics = statistics
        generated = [".kernel", ".beta", ".bias"] + (hasGammas ? [".gamma"] : [])
    }

    package func contains(_ name: String) -> Bool {
        isGenerated(name) || statistics.contains(name)
    }

    package func check(_ name: String, shape: [Int]) throws {
        if !isGenerated(name) { try statistics.check(name, shape: shape) }
    }

    private func isGenerated(_ name: String) -> Bool {
        generated.contains { name.hasSuffix($0) }
    }

    package func tensor(named name: String, shape: [Int]) throws -> [Float] {
        if name.hasSuffix(".kernel") {
            let fanIn = shape.dropLast().reduce(1, *)
            return Self.uniform(
                seed: name, count: shape.reduce(1, *), amplitude: Float((6 / Double(fanIn)).squareRoot()))
        }
        if name.hasSuffix(".beta") {
            return Self.uniform(seed: name, count: shape.reduce(1, *), amplitude: 1).map { $0 + 1 }
        }
        if name.hasSuffix(".bias") { return Self.uniform(seed: name, count: shape.reduce(1, *), amplitude: 1) }
        if name.hasSuffix(".gamma"), isGenerated(name) {
            return Self.uniform(seed: name, count: shape.reduce(1, *), amplitude: 0.5).map { $0 + 1.5 }
        }
        return try statistics.tensor(named: name, shape: shape)
    }

    /// Values in [-amplitude, amplitude): the top 24 bits of SplitMix64, scaled with one rounding.
    package static func uniform(seed: String, count: Int, amplitude: Float) -> [Float] {
        var generator = SplitMix64(seed: fnv1a64(seed))
        return (0..<count).map { _ in (Float(generator.next() >> 40) * 0x1p-23 - 1) * amplitude }
    }

    /// The reference networks' input picture: waves and noise in 8 bits, HWC.
    package static func formulaPicture(height: Int, width: Int) -> [UInt8] {
        func triangle(_ n: Int) -> Int { abs(n % 256 - 128) }
        var generator = SplitMix64(seed: fnv1a64("picture"))
        var pixels: [UInt8] = []
        pixels.reserveCapacity(height * width * 3)
        for h in 0..<height {
            for w in 0..<width {
                for c in 0..<3 {
                    let waves = triangle(2 * h + w + 37 * c) + triangle(h * w / 8 + 61 * c)
                    pixels.append(UInt8(waves / 2 + Int(generator.next() >> 57)))
                }
            }
        }
        return pixels
    }

    /// Converts pixels to the networks' input in [-1, 1].
    package static func networkInput(_ pixels: [UInt8]) -> [Float] {
        pixels.map { Float(Double($0) / 127.5 - 1) }
    }

    /// The 64-bit FNV-1a hash of a text.
    package static func fnv1a64(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
