import Glibc
import VisionNet

/// A Gaussian blur of RGB pictures of one size, the picture mirrored at its borders without repeating the edge.
///
/// The window reaches three standard deviations, as OpenCV's `getGaussianKernel` of that size.
final class GaussianBlur {
    /// Floats of scratch memory that `alongRows` needs.
    var scratchCount: Int { 3 * places.count }

    private let rowCount: Int
    private let rowLength: Int
    private let weights: [Float]
    /// The columns of a row with its mirrored ends, so that the sums need no test.
    private let places: [Int]
    private let math: VectorMath

    /// - Parameter deviation: in pixels, above 0.
    init(deviation: Double, width: Int, height: Int, math: VectorMath) {
        (rowCount, rowLength) = (height, 3 * width)
        self.math = math
        let radius = Int(deviation * 3 + 0.5)
        let raw = (-radius...radius).map { exp(-0.5 * (Double($0) / deviation) * (Double($0) / deviation)) }
        let total = raw.reduce(0, +)
        weights = raw.map { Float($0 / total) }
        places = (-radius..<width + radius).map { Self.mirrored($0, width) }
    }

    /// The first half of a blur, for some rows.
    func alongRows(
        _ rows: Range<Int>, of source: VectorMath.Floats, into target: VectorMath.Floats,
        scratch padded: VectorMath.Floats
    ) {
        guard let source = source.baseAddress, let first = padded.baseAddress else { return }
        withLines { lines, weights in
            for index in lines.indices { lines[index] = UnsafePointer(first + 3 * index) }
            for row in rows {
                let line = source + row * rowLength
                for (index, place) in places.enumerated() {
                    (first + 3 * index).update(from: line + 3 * place, count: 3)
                }
                math.weightedSum(of: UnsafeBufferPointer(lines), weights, into: target.line(row, of: rowLength))
            }
        }
    }

    /// The second half, for some rows, once the first is done for all.
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

    /// Room for a line of each weight.
    private func withLines(
        _ body: (UnsafeMutableBufferPointer<UnsafePointer<Float>?>, UnsafeBufferPointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: weights.count) { lines in
            lines.initialize(repeating: nil)
            weights.withUnsafeBufferPointer { body(lines, $0) }
        }
    }

    /// The place that stands for `index` of `count` beyond the border: … 2 1 | 0 1 2 … .
    static func mirrored(_ index: Int, _ count: Int) -> Int {
        guard count > 1 else { return 0 }
        let period = 2 * (count - 1)
        let place = ((index % period) + period) % period
        return place < count ? place : period - place
    }
}
