import VisionNet

/// What the threads of a gradient ascent share. Each thread writes rows of its own; the values that all threads read
/// are set while no rows are being written.
final class AscentState {
    /// The picture so far, not rolled: RGB in [-1, 1], row by row.
    let picture: VectorMath.Floats
    let gradient: VectorMath.Floats
    let width: Int
    let height: Int
    /// The size of the next step.
    var size: Float = 0
    /// How the picture is rolled in the plan's input.
    var roll: Roll

    private let plan: GradientPlan
    private let math: VectorMath
    /// The picture's memory; nil if the picture is the plan's input itself.
    private let own: FloatBuffer?
    /// The moments of each row that was measured.
    private let moments: UnsafeMutableBufferPointer<VectorMath.Moments>
    /// The factor that gives the values that were measured last a standard deviation of 1.
    private var scale: Float = 0

    /// Prevents a division by zero if the gradient is zero. The value is the old Flask program's. The gradients of very
    /// large pictures are hardly greater than it, so it shortens their steps if there is a single band, as it did in
    /// that program.
    private static let epsilon = 1e-8

    /// - Parameter isRolled: whether steps may roll the picture, which then gets memory of its own.
    init(_ plan: GradientPlan, isRolled: Bool, math: VectorMath) {
        self.plan = plan
        self.math = math
        (width, height) = (plan.width, plan.height)
        own = isRolled ? FloatBuffer(count: plan.input.count) : nil
        (picture, gradient) = (own?.values ?? plan.input, plan.gradient)
        roll = Roll(rows: 0, columns: 0, width: width, height: height)
        moments = .allocate(capacity: height)
        moments.initialize(repeating: .init())
    }

    deinit { moments.deallocate() }

    /// Copies rows of the picture to their rolled places in the plan's input.
    func rollIn(_ rows: Range<Int>) {
        for row in rows {
            roll.forEachStretch(ofRow: row) { place, rolled in
                _ = VectorMath.Floats(rebasing: plan.input[rolled]).update(fromContentsOf: picture[place])
            }
        }
    }

    /// Computes the moments of rows of a picture, for `setScale`.
    func measure(_ values: VectorMath.Floats, _ rows: Range<Int>) {
        for row in rows { moments[row] = math.moments(of: values.line(row, of: 3 * width)) }
    }

    /// Sets the scale from the moments of all rows, once they have been measured.
    func setScale() {
        let total = moments.reduce(into: VectorMath.Moments()) { $0 += $1 }
        scale = Float(1 / (total.deviation(count: gradient.count) + Self.epsilon))
    }

    /// Adds rows of a picture, times the scale, to those of a sum; if it is the first picture, it replaces the sum.
    func add(_ values: VectorMath.Floats, to sum: VectorMath.Floats, _ rows: Range<Int>, isFirst: Bool) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: 2) { lines in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 2) { weights in
                (weights[0], weights[1]) = (1, scale)
                let counted = isFirst ? 1..<2 : 0..<2
                for row in rows {
                    let line = sum.line(row, of: 3 * width)
                    lines[0] = UnsafePointer(line.baseAddress)
                    lines[1] = UnsafePointer(values.line(row, of: 3 * width).baseAddress)
                    math.weightedSum(
                        of: UnsafeBufferPointer(rebasing: lines[counted]),
                        UnsafeBufferPointer(rebasing: weights[counted]), into: line)
                }
            }
        }
    }

    /// Moves rows of the picture along a direction that is rolled as the plan's input is.
    func ascend(along direction: VectorMath.Floats, _ rows: Range<Int>) {
        for row in rows {
            roll.forEachStretch(ofRow: row) { place, rolled in
                math.ascend(
                    VectorMath.Floats(rebasing: picture[place]), along: VectorMath.Floats(rebasing: direction[rolled]),
                    by: size * scale, within: -1...1)
            }
        }
    }
}
