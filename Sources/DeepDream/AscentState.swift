import VisionNet

/// What the threads of an ascent share. Each thread writes rows of its own; the values that all threads read are set
/// while no rows are being written.
final class AscentState {
    /// The picture so far, not rolled: RGB in [-1, 1], row by row.
    let picture: VectorMath.Floats
    let width: Int
    let height: Int
    /// The size of the next step.
    var size: Float = 0
    /// How the picture is rolled before its gradient is computed.
    var roll: Roll

    private let math: VectorMath
    private let penalties: Penalties?
    /// Normalises the direction.
    let measurement: Measurement

    /// - Parameter photo: the photo in the picture's size, for steps that are pulled back to it.
    init(
        picture: VectorMath.Floats, width: Int, height: Int, photo: FloatBuffer?, _ shaping: GradientShaping,
        math: VectorMath
    ) {
        (self.picture, self.width, self.height, self.math) = (picture, width, height, math)
        roll = Roll(rows: 0, columns: 0, width: width, height: height)
        measurement = Measurement(shaping.normalization, height: height, math: math)
        penalties = Penalties(of: picture, width: width, height: height, photo: photo, shaping)
    }

    /// The work before the picture is moved.
    var preparation: [RowWork.Step] {
        guard let penalties else { return [] }
        return [.rows(count: height) { rows, _ in for row in rows { penalties.update(row) } }]
    }

    /// Moves a stretch of the picture along the direction there.
    func ascend(_ place: Range<Int>, along direction: VectorMath.Floats) {
        let values = VectorMath.Floats(rebasing: picture[place])
        guard let penalties else {
            math.ascend(values, along: direction, by: size * measurement.scale, within: -1...1)
            return
        }
        math.ascend(values, along: direction, by: size * measurement.scale, within: -Float.infinity...Float.infinity)
        math.ascend(values, along: VectorMath.Floats(rebasing: penalties.direction[place]), by: size, within: -1...1)
    }
}
