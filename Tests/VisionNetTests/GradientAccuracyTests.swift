import TestSupport
import Testing
import VisionNet

/// The published width's gradient against double precision on several pictures. Float32 rounding flips about one close
/// ReLU or max-pool decision in a picture; which one, and how much it matters, is luck. So rounding is bounded sharply
/// with the decisions held fixed, and also with free decisions if none flipped. With a flip, the bound is twice the
/// worst error of float32 TensorFlow on shifts of the photo (see the fixtures' README).
@Suite("Gradients at the published width", .serialized)
struct GradientAccuracyTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: ComputeOptions
        /// The largest median error, relative to the standard deviation, if no decision flipped.
        let medianBound: Double

        init(_ name: String, _ backend: Backend, winograd: Bool, median: Double) {
            var options = ComputeOptions(backend: backend)
            options.usesWinograd = winograd
            (testDescription, self.options, medianBound) = (name, options, median)
        }

        static let all = [
            Way("OpenBLAS", .openblas, winograd: false, median: 2e-6),
            Way("direct", .native, winograd: false, median: 2e-6),
            Way("Winograd", .native, winograd: true, median: 1e-5),
        ]
    }

    static let (height, width) = (101, 107)

    /// Sections of the photo at different places.
    private func pictures(_ count: Int) throws -> [[Float]] {
        let photo = try PortablePixmap(contentsOf: Fixtures.url("coffee_225x225.ppm"))
        return (0..<count).map { number in
            let (top, left) = (number * 23 % (photo.height - Self.height), number * 41 % (photo.width - Self.width))
            var pixels: [UInt8] = []
            for row in top..<top + Self.height {
                let first = 3 * (row * photo.width + left)
                pixels += photo.pixels[first..<first + 3 * Self.width]
            }
            return GeneratedWeights.networkInput(pixels)
        }
    }

    @Test("agree with double precision, except for flipped decisions", arguments: Way.all)
    func gradients(way: Way) throws {
        let weights = GeneratedWeights(statistics: try Fixtures.tensors("inception_v3_calibration.safetensors"))
        let model = try VisionModel(name: "generated", width: .full, weights: weights)
        let naive = try NaiveNetwork(model.fusedGraph, weights: weights)
        let terms = ["mixed3", "mixed5"].map { GradientPlan.Term(layer: $0) }
        let kept = try #require(model.fusedGraph.layers.first { $0.name == "mixed5" }).tensor
        let workspace = try Workspace(model: model, options: way.options)
        for (number, picture) in try pictures(3).enumerated() {
            let tensors = naive.forward(
                picture.map(Double.init), height: Self.height, width: Self.width, layers: terms.map(\.layer))
            let plan = try workspace.plan(terms, height: Self.height, width: Self.width, keeping: [kept])
            _ = plan.input.update(fromContentsOf: picture)
            plan.run()
            let found = Array(plan.gradient)
            let fixed = naive.gradient(
                terms, shapes: tensors, decisions: RecordedDecisions(plan: plan.lastDecisions))
            let free = naive.gradient(
                terms, shapes: tensors, decisions: NaiveDecisions(graph: model.fusedGraph, tensors: tensors))
            let fixedError = Comparison(found, fixed.map(Float.init))
            let freeError = Comparison(found, free.map(Float.init))
            #expect(fixedError.rmsOverDeviation <= 1e-5, "picture \(number), decisions fixed: \(fixedError)")
            if fixed == free {
                #expect(freeError.medianOverDeviation <= way.medianBound, "picture \(number): \(freeError)")
            } else {
                #expect(freeError.relativeNorm <= 2e-2, "picture \(number), with a flip: \(freeError)")
            }
        }
    }
}
