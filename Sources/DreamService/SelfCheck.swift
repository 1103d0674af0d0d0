import DeepDream
import Glibc
import VisionNet

/// Checks that this machine computes what it should, before the service says that it is ready: the embedded model's
/// gradient of a known picture, against TensorFlow in double precision.
package enum SelfCheck {
    /// The machine computes something else.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// `x[h,w,c] = sin(0.1 h + 0.2 w + c + 0.001 h w)`; the results are from `embedded_reference.json` of the tests.
    private static let (height, width) = (131, 160)
    private static let layers = ["mixed3", "mixed5"]
    private static let objective = 0.07060872678813823
    private static let gradientNorm = 0.000543612270298136

    /// - Parameter options: as the workers have them.
    /// - Returns: about how many operations this machine does in a second; the picture is small, and the time short.
    /// - Throws: `Failure`, or why the gradient cannot be computed.
    @discardableResult
    package static func run(_ options: ComputeOptions) throws -> Double {
        let model = try VisionModel.embedded()
        let workspace = try Workspace(model: model, options: options)
        let plan = try workspace.plan(layers.map { GradientPlan.Term(layer: $0) }, height: height, width: width)
        _ = plan.input.update(fromContentsOf: picture)
        let objective = plan.run()
        let norm = plan.gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        // Rounding can flip close decisions, which changes the gradient more than the objective.
        guard abs(objective / Self.objective - 1) < 1e-4, abs(norm / gradientNorm - 1) < 0.02 else {
            throw Failure(
                description: "this machine computes wrongly: of a known picture, the objective is \(objective), not "
                    + "\(Self.objective), and the gradient's norm \(norm), not \(gradientNorm); try another 'backend'")
        }
        var recipe = Recipe.plain(model: model.name)
        recipe.layers = layers.map { LayerWeight($0) }
        recipe.steps = 1
        let cost = JobCost(recipe, model: model, size: (width, height))
        // The first run has also packed the weights. Of two more, one may be disturbed.
        let durations = (0..<2).map { _ in ContinuousClock().measure { _ = plan.run() } }
        return cost.operations / max(1e-6, (durations.min() ?? .zero) / .seconds(1))
    }

    private static var picture: [Float] {
        (0..<height).flatMap { row in
            (0..<width).flatMap { column in
                let phase = 0.1 * Double(row) + 0.2 * Double(column) + 0.001 * Double(row * column)
                return (0..<3).map { Float(sin(phase + Double($0))) }
            }
        }
    }
}
