import Testing
import VisionNet

/// The published width's gradient against double precision on several pictures: which ReLU or max-pool decisions
/// float32 rounding flips is luck, so bounds on whole gradients are bounds on the typical picture, and the sharp bound
/// is the one with the decisions held fixed.
@Suite("Gradients at the published width", .serialized)
struct GradientAccuracyTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: ComputeOptions
        /// Allowed for the root mean square error over the deviation, decisions held fixed.
        let fixedBound: Double
        /// Allowed for the typical picture's median error over the deviation.
        let medianBound: Double

        init(_ name: String, _ backend: Backend, winograd: Bool, fixed: Double, median: Double) {
            var options = ComputeOptions(backend: backend)
            options.usesWinograd = winograd
            (testDescription, self.options, fixedBound, medianBound) = (name, options, fixed, median)
        }

        static let all = [
            Way("OpenBLAS", .openblas, winograd: false, fixed: 1e-5, median: 2e-6),
            Way("direct", .native, winograd: false, fixed: 1e-5, median: 2e-6),
            Way("Winograd", .native, winograd: true, fixed: 1e-5, median: 1e-5),
        ]
    }

    static let (height, width) = (101, 107)

    /// Cuts of the photo at different places.
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

    @Test("are double precision's, on the typical picture and with decisions held fixed")
    func gradients() throws {
        let weights = GeneratedWeights(statistics: try Fixtures.tensors("inception_v3_calibration.safetensors"))
        let model = try VisionModel(name: "generated", width: .full, weights: weights)
        let naive = try NaiveNetwork(model.fusedGraph, weights: weights)
        let terms = ["mixed3", "mixed5"].map { GradientPlan.Term(layer: $0) }
        let kept = try #require(model.fusedGraph.layers.first { $0.name == "mixed5" }).tensor
        var medians: [String: [Double]] = [:]
        for picture in try pictures(5) {
            let tensors = naive.forward(
                picture.map(Double.init), height: Self.height, width: Self.width, layers: terms.map(\.layer))
            let free = naive.gradient(
                terms, shapes: tensors, decisions: NaiveDecisions(graph: model.fusedGraph, tensors: tensors))
            for way in Way.all {
                let plan = try Workspace(model: model, options: way.options)
                    .plan(terms, height: Self.height, width: Self.width, keeping: [kept])
                _ = plan.input.update(fromContentsOf: picture)
                plan.run()
                let fixed = naive.gradient(
                    terms, shapes: tensors, decisions: RecordedDecisions(plan: plan.lastDecisions))
                let fixedError = Comparison(Array(plan.gradient), fixed.map(Float.init))
                let freeError = Comparison(Array(plan.gradient), free.map(Float.init))
                print(way.testDescription, fixedError.rmsOverDeviation, freeError.medianOverDeviation, freeError.relativeNorm)
                #expect(fixedError.rmsOverDeviation <= way.fixedBound, "\(way.testDescription): \(fixedError)")
                medians[way.testDescription, default: []].append(freeError.medianOverDeviation)
            }
        }
        for way in Way.all {
            let typical = try #require(medians[way.testDescription]?.sorted())[2]
            #expect(typical <= way.medianBound, "\(way.testDescription): \(medians)")
        }
    }
}
