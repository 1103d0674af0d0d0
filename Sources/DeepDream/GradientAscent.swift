import VisionNet

/// Moves a picture along the gradient of a plan's objective, normalised so that a small gradient does not mean small
/// steps.
final class GradientAscent: Ascent {
    /// RGB in [-1, 1], row by row. Set it to the picture to start from; each step changes it.
    var picture: UnsafeMutableBufferPointer<Float> { state.picture }

    private let plan: GradientPlan
    private let state: AscentState
    /// The picture's memory; nil if the picture is the plan's input itself.
    private let own: FloatBuffer?
    /// The work before the gradient: rolls the picture. Nil if pictures are not rolled.
    private let entering: RowWork?
    /// The work after the gradient: finds the direction and moves the picture along it.
    private let ascending: RowWork

    /// - Parameters:
    ///   - isRolled: whether steps may roll the picture, which then gets memory of its own.
    ///   - photo: the photo in the plan's size, for steps that are pulled back to it.
    ///   - workspace: the one that made the plan.
    init(
        plan: GradientPlan, _ shaping: GradientShaping, isRolled: Bool, photo: FloatBuffer?, in workspace: Workspace
    ) {
        let math = VectorMath(workspace)
        let (width, height, count) = (plan.width, plan.height, plan.input.count)
        own = isRolled ? FloatBuffer(count: count) : nil
        let state = AscentState(
            picture: own?.values ?? plan.input, width: width, height: height, photo: photo, shaping, math: math)
        (self.plan, self.state) = (plan, state)
        entering =
            isRolled
            ? RowWork([.rows(count: height) { rows, _ in Self.rollIn(rows, of: state, to: plan.input) }], in: workspace)
            : nil
        let shaper = GradientShaper(
            gradient: plan.gradient, width: width, height: height, shaping, isTiled: false, math: math)
        let direction = shaper.direction
        ascending = RowWork(
            shaper.steps + state.preparation + [
                .rows(count: height) { rows, _ in
                    // Keeps the shaper, which owns the direction.
                    withExtendedLifetime(shaper) {
                        for row in rows { state.measurement.measure(direction.line(row, of: 3 * width), row: row) }
                    }
                },
                .once {
                    state.measurement.collect()
                    state.measurement.conclude(count: count)
                },
                .rows(count: height) { rows, _ in
                    for row in rows {
                        state.roll.forEachStretch(ofRow: row) { place, rolled in
                            state.ascend(place, along: VectorMath.Floats(rebasing: direction[rolled]))
                        }
                    }
                },
            ], in: workspace)
    }

    func step(size: Float, shift: (rows: Int, columns: Int), random: inout SplitMix64) -> Double {
        precondition(entering != nil || shift == (0, 0))
        state.size = size
        state.roll = Roll(rows: shift.rows, columns: shift.columns, width: plan.width, height: plan.height)
        entering?.run()
        let objective = plan.run()
        ascending.run()
        return objective
    }

    /// Copies rows of the picture to their rolled places.
    private static func rollIn(_ rows: Range<Int>, of state: AscentState, to input: VectorMath.Floats) {
        for row in rows {
            state.roll.forEachStretch(ofRow: row) { place, rolled in
                _ = VectorMath.Floats(rebasing: input[rolled]).update(fromContentsOf: state.picture[place])
            }
        }
    }
}
