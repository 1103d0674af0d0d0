import Imaging
import VisionNet

/// Moves a plan's picture up its objective's gradient, normalised so that steps do not shorten where it is flat.
struct GradientAscent {
    private let plan: GradientPlan
    private let math: VectorMath
    private let bands: [GaussianBlur?]
    private let shifter: PictureShifter
    private let blurred: FloatBuffer
    private let sum: FloatBuffer

    /// Keeps a gradient of zeros from a division by zero. The old program's value: on pictures of megapixels, whose gradients
    /// are hardly larger, it shortens the steps of a single band, as it did there.
    private static let epsilon = 1e-8

    /// - Parameter bands: the standard deviations of the blurs; 0 is the gradient itself.
    init(plan: GradientPlan, bands: [Double], math: VectorMath) {
        self.plan = plan
        self.math = math
        self.bands = bands.map {
            $0 > 0 ? GaussianBlur(deviation: $0, width: plan.width, height: plan.height, math: math) : nil
        }
        shifter = PictureShifter(width: plan.width, height: plan.height)
        let isPlain = bands == [0]
        blurred = FloatBuffer(count: isPlain ? 0 : plan.gradient.count)
        sum = FloatBuffer(count: isPlain ? 0 : plan.gradient.count)
    }

    /// One step: rolls the picture, takes the gradient, adds `size` times its normal form, clips to [-1, 1], rolls back.
    ///
    /// - Returns: the objective before the step.
    func step(size: Float, shift: (rows: Int, columns: Int)) -> Double {
        shifter.roll(plan.input, rows: shift.rows, columns: shift.columns)
        let objective = plan.run()
        let direction = normalisedDirection()
        math.ascend(plan.input, along: direction.values, by: size * direction.scale, within: -1...1)
        shifter.roll(plan.input, rows: -shift.rows, columns: -shift.columns)
        return objective
    }

    /// The direction of a step and the factor that gives it a standard deviation of 1.
    ///
    /// One band is divided by its deviation, as the old program did. Several are each divided by theirs and summed, and
    /// the sum again, so that the number of bands does not change the step's length.
    private func normalisedDirection() -> (values: UnsafeMutableBufferPointer<Float>, scale: Float) {
        if bands.count == 1, bands[0] == nil {
            return (plan.gradient, scale(of: plan.gradient))
        }
        sum.values.update(repeating: 0)
        for band in bands {
            var values = plan.gradient
            if let band {
                band.apply(to: plan.gradient, into: blurred.values)
                values = blurred.values
            }
            math.add(values, times: scale(of: values), to: sum.values)
        }
        return (sum.values, scale(of: sum.values))
    }

    private func scale(of values: UnsafeMutableBufferPointer<Float>) -> Float {
        Float(1 / (math.deviation(of: values) + Self.epsilon))
    }
}
