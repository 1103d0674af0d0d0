import Glibc
import VisionNet

/// A Gaussian blur of RGB pictures of one size, the picture mirrored at its borders without repeating the edge.
///
/// The window reaches three standard deviations, as OpenCV's `getGaussianKernel` of that size.
final class GaussianBlur {
    private let width: Int
    private let height: Int
    private let weights: [Float]
    private let scratch: FloatBuffer
    private let math: VectorMath

    /// - Parameter deviation: in pixels, above 0.
    init(deviation: Double, width: Int, height: Int, math: VectorMath) {
        self.math = math
        self.width = width
        self.height = height
        let radius = Int(deviation * 3 + 0.5)
        let raw = (-radius...radius).map { exp(-0.5 * (Double($0) / deviation) * (Double($0) / deviation)) }
        let total = raw.reduce(0, +)
        weights = raw.map { Float($0 / total) }
        scratch = FloatBuffer(count: 3 * width * height)
    }

    func apply(to source: UnsafeMutableBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>) {
        guard let source = source.baseAddress, let target = target.baseAddress,
            let between = scratch.values.baseAddress
        else { return }
        blurRows(source, into: between)
        blurColumns(between, into: target)
    }

    /// The place that stands for `index` of `count` beyond the border: … 2 1 | 0 1 2 … .
    static func mirrored(_ index: Int, _ count: Int) -> Int {
        guard count > 1 else { return 0 }
        let period = 2 * (count - 1)
        let place = ((index % period) + period) % period
        return place < count ? place : period - place
    }

    private func blurRows(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        let radius = weights.count / 2
        let places = (-radius..<width + radius).map { Self.mirrored($0, width) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * places.count) { padded in
            guard let first = padded.baseAddress else { return }
            let lines = weights.indices.map { UnsafePointer(first) + 3 * $0 }
            for row in 0..<height {
                // The row with its mirrored ends, so that the sums need no test.
                let line = source + row * 3 * width
                for (index, place) in places.enumerated() {
                    (first + 3 * index).update(from: line + 3 * place, count: 3)
                }
                math.weightedSum(of: lines, weights, into: target + row * 3 * width, count: 3 * width)
            }
        }
    }

    private func blurColumns(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) {
        let radius = weights.count / 2
        for row in 0..<height {
            let lines = (-radius...radius).map { source + Self.mirrored(row + $0, height) * 3 * width }
            math.weightedSum(of: lines, weights, into: target + row * 3 * width, count: 3 * width)
        }
    }
}
