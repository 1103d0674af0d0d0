import Foundation
import Imaging

extension Image {
    /// The largest difference of two numbers at the same place. The sizes must agree.
    func largestDifference(from other: Image) -> Int {
        precondition(width == other.width && height == other.height)
        return zip(pixels, other.pixels).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    }

    /// The average difference of two numbers at the same place. The sizes must agree.
    func meanDifference(from other: Image) -> Double {
        precondition(width == other.width && height == other.height)
        return zip(pixels, other.pixels).reduce(0) { $0 + Double(abs(Int($1.0) - Int($1.1))) } / Double(pixels.count)
    }

    /// Peak signal-to-noise ratio in decibels.
    func psnr(to other: Image) -> Double {
        precondition(width == other.width && height == other.height)
        let squares = zip(pixels, other.pixels).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        return 10 * log10(255 * 255 * Double(pixels.count) / squares)
    }
}
