import Glibc
import Imaging
import VisionNet

/// The random picture that a dream from noise starts from.
enum Noise {
    /// The standard deviation of the noise, in pixels of [-1, 1].
    private static let deviation = 0.1

    /// Grey with noise: independent pixels for steps that change pixels; for those that change frequencies, frequencies
    /// that fall with `1/f`, with the colours of natural pictures.
    static func picture(width: Int, height: Int, parametrization: Parametrization, seed: UInt64) -> Image {
        // Another sequence than the jitter's.
        var random = SplitMix64(seed: seed ^ 0x6E6F_6973_65)
        var noise = FloatImage(width: width, height: height)
        for index in noise.values.indices { noise.values[index] = Float(random.gaussian()) }
        noise.values.withUnsafeMutableBufferPointer { values in
            if parametrization == .fourier {
                FourierFilter(width: width, height: height, power: 1).apply(to: values)
                ColorDecorrelation(strength: 1).apply(to: values)
            }
            let squares = values.reduce(0) { $0 + Double($1) * Double($1) }
            let scale = Float(deviation / max(1e-9, (squares / Double(values.count)).squareRoot()))
            for index in values.indices { values[index] *= scale }
        }
        return Image(signedUnit: noise)
    }
}

extension SplitMix64 {
    /// A random number of the standard normal distribution (Box and Muller, 1958).
    fileprivate mutating func gaussian() -> Double {
        // In (0, 1], of which there is a logarithm.
        let radius = (Double(next() >> 11) + 1) * 0x1p-53
        let angle = Double(next() >> 11) * 0x1p-53
        return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
    }
}
