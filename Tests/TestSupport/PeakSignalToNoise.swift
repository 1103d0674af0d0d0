import Foundation

/// The peak signal-to-noise ratio of two pictures, in dB. The larger it is, the more alike are the pictures.
///
/// - Parameter peak: the largest possible difference between two values.
package func psnr(_ a: [Float], _ b: [Float], peak: Double) -> Double {
    let squares = zip(a, b).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    return 10 * log10(peak * peak / max(squares / Double(a.count), 1e-30))
}
