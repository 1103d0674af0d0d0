import VisionNet

/// Moves a picture along the gradient of a plan's objective, normalised so that a small gradient does not mean small
/// steps.
final class GradientAscent {
    /// RGB in [-1, 1], row by row. Set it to the picture to start from; each step changes it.
    var picture: UnsafeMutableBufferPointer<Float> { state.picture }

    private let plan: GradientPlan
    private let state: AscentState
    /// The work before the gradient: rolls the picture. Nil if pictures are not rolled.
    private let entering: RowWork?
    /// The work after the gradient: finds the direction and moves the picture along it.
    private let ascending: RowWork

    /// - Parameters:
    ///   - bands: the standard deviations of the blurs; 0 is the gradient itself.
    ///   - colorDecorrelation: how strongly the gradient is mixed with natural colours' covariance, 0...1.
    ///   - isRolled: whether steps may roll the picture.
    ///   - workspace: the one that made the plan.
    init(
        plan: GradientPlan, bands: [Double], colorDecorrelation: Double, isRolled: Bool, in workspace: Workspace
    ) {
        let math = VectorMath(workspace)
        let state = AscentState(plan, isRolled: isRolled, math: math)
        (self.plan, self.state) = (plan, state)
        entering =
            isRolled ? RowWork([.rows(count: plan.height) { rows, _ in state.rollIn(rows) }], in: workspace) : nil
        let work = bands == [0] ? Self.plainAscent(state) : Self.ascent(state, bands: bands, math: math)
        ascending = RowWork(Self.decorrelation(state, strength: colorDecorrelation) + work, in: workspace)
    }

    /// Takes one step: rolls the picture, computes the gradient, adds `size` times the normalised gradient, clips to
    /// [-1, 1] and rolls back.
    ///
    /// - Parameter shift: how far the picture is rolled; zero unless `isRolled` was given.
    /// - Returns: the objective before the step.
    func step(size: Float, shift: (rows: Int, columns: Int)) -> Double {
        precondition(entering != nil || shift == (0, 0))
        state.size = size
        state.roll = Roll(rows: shift.rows, columns: shift.columns, width: plan.width, height: plan.height)
        entering?.run()
        let objective = plan.run()
        ascending.run()
        return objective
    }

    /// No work at strength 0, so that plain dreams do not change by a bit.
    private static func decorrelation(_ state: AscentState, strength: Double) -> [RowWork.Step] {
        guard strength > 0 else { return [] }
        let colors = ColorDecorrelation(strength: strength)
        return [
            .rows(count: state.height) { rows, _ in
                for row in rows { colors.apply(to: state.gradient.line(row, of: 3 * state.width)) }
            }
        ]
    }

    /// Follows the gradient divided by its standard deviation, as the old Flask program did.
    private static func plainAscent(_ state: AscentState) -> [RowWork.Step] {
        [
            .rows(count: state.height) { rows, _ in state.measure(state.gradient, rows) },
            .once(state.setScale),
            .rows(count: state.height) { rows, _ in state.ascend(along: state.gradient, rows) },
        ]
    }

    /// Follows the sum of the bands, each divided by its standard deviation. The sum is divided by its own too, so that
    /// the number of bands does not change the size of a step.
    private static func ascent(_ state: AscentState, bands: [Double], math: VectorMath) -> [RowWork.Step] {
        let (height, gradient) = (state.height, state.gradient)
        let blurCount = bands.contains { $0 > 0 } ? gradient.count : 0
        let (between, blurred) = (FloatBuffer(count: blurCount), FloatBuffer(count: blurCount))
        let sum = FloatBuffer(count: gradient.count)
        var steps: [RowWork.Step] = []
        for (index, deviation) in bands.enumerated() {
            if deviation > 0 {
                let blur = GaussianBlur(deviation: deviation, width: state.width, height: height, math: math)
                steps.append(
                    .rows(count: height, scratch: blur.scratchCount) { rows, scratch in
                        blur.alongRows(rows, of: gradient, into: between.values, scratch: scratch)
                    })
                steps.append(
                    .rows(count: height) { rows, _ in
                        blur.acrossRows(rows, of: between.values, into: blurred.values)
                        state.measure(blurred.values, rows)
                    })
            } else {
                steps.append(.rows(count: height) { rows, _ in state.measure(gradient, rows) })
            }
            steps.append(.once(state.setScale))
            steps.append(
                .rows(count: height) { rows, _ in
                    state.add(deviation > 0 ? blurred.values : gradient, to: sum.values, rows, isFirst: index == 0)
                    if index == bands.count - 1 { state.measure(sum.values, rows) }
                })
        }
        return steps + [
            .once(state.setScale), .rows(count: height) { rows, _ in state.ascend(along: sum.values, rows) },
        ]
    }
}
