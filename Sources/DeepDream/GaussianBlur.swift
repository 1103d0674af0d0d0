import Glibc
import VisionNet

/// A Gaussian blur of pictures of one size, with interleaved channels. Beyond its borders the picture is mirrored,
/// without repeating the edge.
///
/// The window reaches three standard deviations to each side; the weights are those of OpenCV's `getGaussianKernel`.
final class GaussianBlur {
    /// Floats of scratch memory that `alongRows` needs.
    var scratchCount: Int { channels * places.count }

    private let rowCount: Int
    private let rowLength: Int
    private let channels: Int
    private let weights: [Float]
    /// The column of each pixel of a row that is extended by its mirrored ends.
    private let places: [Int]
    private let math: VectorMath

    /// - Parameter deviation: the standard deviation in pixels, above 0.
    init(deviation: Double, width: Int, height: Int, channels: Int = 3, math: VectorMath) {
        (rowCount, rowLength, self.channels) = (height, channels * width, channels)
        self.math = math
        let radius = Int(deviation * 3 + 0.5)
        let raw = (-radius...radius).map { exp(-0.5 * (Double($0) / deviation) * (Double($0) / deviation)) }
        let total = raw.reduce(0, +)
        weights = raw.map { Float($0 / total) }
        places = (-radius..<width + radius).map { Self.mirrored($0, width) }
    }

    /// Blurs some rows horizontally: the first half of a blur.
    func alongRows(
        _ rows: Range<Int>, of source: VectorMath.Floats, into target: VectorMath.Floats,
        scratch padded: VectorMath.Floats
    ) {
        guard let source = source.baseAddress, let first = padded.baseAddress else { return }
        withLines { lines, weights in
            for index in lines.indices { lines[index] = UnsafePointer(first + channels * index) }
            for row in rows {
                let line = source + row * rowLength
                for (index, place) in places.enumerated() {
                    (first + channels * index).update(from: line + channels * place, count: channels)
                }
                math.weightedSum(of: UnsafeBufferPointer(lines), weights, into: target.line(row, of: rowLength))
            }
        }
    }

    /// Blurs some rows vertically: the second half, once `alongRows` is done for all rows.
    func acrossRows(_ rows: Range<Int>, of source: VectorMath.Floats, into target: VectorMath.Floats) {
        guard let source = source.baseAddress else { return }
        let radius = weights.count / 2
        withLines { lines, weights in
            for row in rows {
                for index in lines.indices {
                    lines[index] = UnsafePointer(source + Self.mirrored(row - radius + index, rowCount) * rowLength)
                }
                math.weightedSum(of: UnsafeBufferPointer(lines), weights, into: target.line(row, of: rowLength))
            }
        }
    }

    /// Calls `body` with room for one pointer to a line for each weight, and the weights.
    private func withLines(
        _ body: (UnsafeMutableBufferPointer<UnsafePointer<Float>?>, UnsafeBufferPointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: weights.count) { lines in
            lines.initialize(repeating: nil)
            weights.withUnsafeBufferPointer { body(lines, $0) }
        }
    }

    /// The index in 0..<count that stands for an index beyond its borders: … 2 1 | 0 1 2 … .
    static func mirrored(_ index: Int, _ count: Int) -> Int {
        guard count > 1 else { return 0 }
        let period = 2 * (count - 1)
        let place = ((index % period) + period) % period
        return place < count ? place : period - place
    }
}
