import VisionNet

/// What the threads of a gradient ascent share. They write rows of their own; what all read is set between.
final class AscentState {
    /// Where the ascent has come to, unrolled: RGB in [-1, 1], row by row.
    let picture: VectorMath.Floats
    let gradient: VectorMath.Floats
    let width: Int
    let height: Int
    /// How far the next step goes.
    var size: Float = 0
    /// How the picture lies in the plan.
    var roll: Roll

    private let plan: GradientPlan
    private let math: VectorMath
    /// The picture's memory, where it is not the plan's input itself.
    private let own: FloatBuffer?
    /// Of each row.
    private let moments: UnsafeMutableBufferPointer<VectorMath.Moments>
    /// What gives the values that were measured last a standard deviation of 1.
    private var scale: Float = 0

    /// Keeps a gradient of zeros from a division by zero. The old program's value: on pictures of megapixels, whose
    /// gradients are hardly larger, it shortens the steps of a single band, as it did there.
    private static let epsilon = 1e-8

    /// - Parameter isRolled: whether steps may roll the picture, which then needs memory of its own.
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

    /// Copies rows of the picture to where they lie in the plan.
    func rollIn(_ rows: Range<Int>) {
        for row in rows {
            roll.forEachStretch(ofRow: row) { place, rolled in
                _ = VectorMath.Floats(rebasing: plan.input[rolled]).update(fromContentsOf: picture[place])
            }
        }
    }

    /// Takes the moments of rows of a picture, for `setScale`.
    func measure(_ values: VectorMath.Floats, _ rows: Range<Int>) {
        for row in rows { moments[row] = math.moments(of: values.line(row, of: 3 * width)) }
    }

    /// Finds the scale of the picture whose rows were measured.
    func setScale() {
        let total = moments.reduce(into: VectorMath.Moments()) { $0 += $1 }
        scale = Float(1 / (total.deviation(count: gradient.count) + Self.epsilon))
    }

    /// Adds rows of a picture, scaled, to those of a sum, or begins the sum with them.
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

    /// Moves rows of the picture along a direction that lies as the picture does in the plan.
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
