/// Multiplies the gradient's colours, pixel by pixel, with the colour covariance of natural pictures.
///
/// The colours of natural pictures differ mostly in brightness, less in blue against yellow, least in green against
/// magenta. A plain gradient ignores that and changes all three alike, which gives neon colours. Following the gradient
/// of decorrelated colours instead, as Lucid does (Olah, Mordvintsev and Schubert, "Feature Visualization", Distill,
/// 2017), is the same as multiplying the gradient with the covariance.
struct ColorDecorrelation {
    /// The matrix's columns: what the gradient of red, of green and of blue adds to each channel.
    private let columns: [SIMD3<Float>]

    /// The square root of the colours' covariance in ImageNet: `color_correlation_svd_sqrt` of Lucid
    /// (`lucid/optvis/param/color.py`), `[channel][component]`.
    private static let covarianceRoot: [SIMD3<Double>] = [
        SIMD3(0.26, 0.09, 0.02),
        SIMD3(0.27, 0.00, -0.05),
        SIMD3(0.27, -0.09, 0.03),
    ]

    /// - Parameter strength: from 0, which leaves the gradient as it is, to 1, which multiplies with the covariance
    ///   alone. The covariance is scaled to a mean of 1 on its diagonal, so that the gradient keeps about its size.
    init(strength: Double) {
        let root = Self.covarianceRoot
        let covariance = root.map { row in root.map { other in (row * other).sum() } }
        let meanVariance = (0..<3).reduce(0) { $0 + covariance[$1][$1] } / 3
        columns = (0..<3).map { column in
            var mixed = SIMD3<Float>()
            for row in 0..<3 {
                let identity = row == column ? 1.0 : 0.0
                mixed[row] = Float((1 - strength) * identity + strength * covariance[row][column] / meanVariance)
            }
            return mixed
        }
    }

    /// Replaces RGB pixels by their products with the matrix.
    func apply(to pixels: UnsafeMutableBufferPointer<Float>) {
        let (ofRed, ofGreen, ofBlue) = (columns[0], columns[1], columns[2])
        for index in stride(from: 0, to: pixels.count, by: 3) {
            let mixed = ofRed * pixels[index] + ofGreen * pixels[index + 1] + ofBlue * pixels[index + 2]
            for channel in 0..<3 { pixels[index + channel] = mixed[channel] }
        }
    }
}
