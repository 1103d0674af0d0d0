import VisionNet

/// Measures a picture of a gradient, row by row and perhaps tile by tile, to normalise it.
final class Measurement {
    /// The factor that normalises what was measured before the last `conclude`; 0 before the first.
    private(set) var scale: Float = 0

    private let normalization: Normalization
    private let math: VectorMath
    /// The measures of the rows since the last `collect`.
    private let rows: UnsafeMutableBufferPointer<Measure>
    private var total = Measure()

    /// Prevents a division by zero if the gradient is zero. The value is the old Flask program's. The gradients of very
    /// large pictures are hardly greater than it, so it shortens their steps if there is a single band, as it did in
    /// that program.
    private static let epsilon = 1e-8

    private struct Measure {
        var moments = VectorMath.Moments()
        var absolutes = 0.0
        var largest: Float = 0

        mutating func add(_ other: Measure) {
            moments += other.moments
            absolutes += other.absolutes
            largest = max(largest, other.largest)
        }
    }

    /// - Parameter height: the number of rows.
    init(_ normalization: Normalization, height: Int, math: VectorMath) {
        self.normalization = normalization
        self.math = math
        rows = .allocate(capacity: height)
        rows.initialize(repeating: Measure())
    }

    deinit { rows.deallocate() }

    /// Measures a row. Different threads may measure different rows.
    func measure(_ line: VectorMath.Floats, row: Int) {
        switch normalization {
        case .deviation: rows[row].moments = math.moments(of: line)
        case .meanAbsolute: rows[row].absolutes = line.reduce(0) { $0 + Double(abs($1)) }
        case .maximum: rows[row].largest = line.reduce(0) { max($0, abs($1)) }
        }
    }

    /// Adds the rows to the total, once all have been measured.
    func collect() {
        for row in rows { total.add(row) }
    }

    /// Sets the scale from the total, and forgets the total.
    ///
    /// - Parameter count: how many numbers were measured.
    func conclude(count: Int) {
        let size =
            switch normalization {
            case .deviation: total.moments.deviation(count: count)
            case .meanAbsolute: total.absolutes / Double(count)
            case .maximum: Double(total.largest)
            }
        scale = Float(1 / (size + Self.epsilon))
        total = Measure()
    }
}
