import Foundation
import TestSupport
import Testing
import VisionNet

/// The full-width network against TensorFlow in double precision. `Fixtures/make_inception_reference.py` made the
/// values, and measured the errors of TensorFlow's own float32, which no float32 program can be expected to avoid.
@Suite("InceptionV3 at its published width", .serialized)
struct InceptionV3ReferenceTests {
    struct Reference: Decodable {
        struct Tensor: Decodable {
            let shape: [Int]
            let stride: Int
        }
        struct Gradient: Decodable {
            let normOfDifferenceOverNorm: Double
        }
        struct ShiftedPhotos: Decodable {
            let normOfDifferenceOverNorm: [Double]
        }
        struct Noise: Decodable {
            let gradients: [String: Gradient]
            let shiftedPhotos: ShiftedPhotos
        }

        let objectives: [String: [String: Double]]
        let losses: [String: Double]
        let tensors: [String: Tensor]
        let tensorflow: [String: Noise]
    }

    let reference: Reference
    let tensors: SafetensorsFile
    let model: VisionModel

    init() throws {
        reference = try Fixtures.json("inception_v3_reference.json", as: Reference.self)
        tensors = try Fixtures.tensors("inception_v3_reference.safetensors")
        model = try Fixtures.fullWidthModel()
    }

    private func input(_ size: String) throws -> [Float] {
        size == "225x225"
            ? GeneratedWeights.networkInput(try PortablePixmap(contentsOf: Fixtures.url("coffee_225x225.ppm")).pixels)
            : GeneratedWeights.networkInput(GeneratedWeights.formulaPicture(height: 131, width: 160))
    }

    private func slice(_ name: String) throws -> (values: [Float], stride: Int) {
        let info = try #require(reference.tensors[name])
        let shape = try #require(tensors.tensors[name]).shape
        return (try tensors.tensor(named: name, shape: shape), info.stride)
    }

    private func plan(
        _ terms: [GradientPlan.Term], _ size: String, precision: Precision = .full, keeping: Set<Int> = [],
        _ options: ComputeOptions = ComputeOptions()
    ) throws -> GradientPlan {
        let (height, width) = size == "225x225" ? (225, 225) : (131, 160)
        let plan = try Workspace(model: model, options: options)
            .plan(terms, height: height, width: width, precision: precision, keeping: keeping)
        _ = plan.input.update(fromContentsOf: try input(size))
        return plan
    }

    /// A backend, and the errors that rounding may cause in its activations and gradients if no decision flips.
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let options: ComputeOptions
        let activationBound: Double
        let medianBound: Double

        static let all: [Way] = {
            var direct = ComputeOptions(backend: .native)
            direct.usesWinograd = false
            return [
                Way(
                    testDescription: "OpenBLAS", options: .init(backend: .openblas), activationBound: 1e-5,
                    medianBound: 2e-6),
                Way(testDescription: "direct", options: direct, activationBound: 1e-5, medianBound: 2e-6),
                Way(testDescription: "Winograd", options: .init(), activationBound: 5e-5, medianBound: 1e-5),
            ]
        }()
    }

    @Test("activations agree with TensorFlow's", arguments: Way.all, ["225x225", "160x131"])
    func activations(way: Way, size: String) throws {
        let layers = ["mixed0", "mixed3", "mixed5", "mixed10"]
        let ids = model.fusedGraph.layers.filter { layers.contains($0.name) }
        let plan = try plan([.init(layer: "mixed10")], size, keeping: Set(ids.map(\.tensor)), way.options)
        plan.run()
        for (name, tensor) in ids {
            let (expected, stride) = try slice("activation/\(size)/\(name)")
            let all = try #require(plan.activations(of: tensor))
            let found = Swift.stride(from: 0, to: all.count, by: stride).map { all[$0] }
            let error = Comparison(found, expected)
            #expect(error.largestOverLargest <= way.activationBound, "\(name): \(error)")
        }
    }

    @Test(
        "objectives and gradients agree with TensorFlow's", arguments: Way.all,
        [
            "160x131/mixed0", "160x131/mixed4_mixed6", "160x131/mixed10", "225x225/mixed3_mixed5",
        ])
    func gradients(way: Way, name: String) throws {
        let terms = try #require(reference.objectives[name]).map { GradientPlan.Term(layer: $0.key, weight: $0.value) }
        // A plan that keeps a tensor also keeps its decisions until they are read below.
        let kept = try #require(model.fusedGraph.layers.first { $0.name == terms.first?.layer }).tensor
        let plan = try plan(terms, String(name.prefix(7)), keeping: [kept], way.options)
        let loss = try #require(reference.losses[name])
        let value = plan.run()
        #expect(abs(value / loss - 1) < 1e-6)
        let (expected, stride) = try slice("gradient/\(name)")
        let found = Swift.stride(from: 0, to: plan.gradient.count, by: stride).map { plan.gradient[$0] }
        let error = Comparison(found, expected)
        // Without a flipped decision the median is rounding. With one it is more, and the norm's error can be 1e-3:
        // OpenBLAS rounds differently on each kind of processor.
        if error.medianOverDeviation > way.medianBound {
            #expect(error.relativeNorm <= 2 * worstRelativeNorm, "\(name), with a flip: \(error)")
        }
        // Flips must be the only cause of a larger error, so the gradient is also compared with one in double precision
        // that follows the plan's own decisions.
        let naive = try NaiveNetwork(model.fusedGraph, weights: Fixtures.fullWidthWeights())
        let fixed = naive.gradient(
            terms, shapes: naive.shapes(height: plan.height, width: plan.width, layers: terms.map(\.layer)),
            decisions: RecordedDecisions(plan: plan.lastDecisions))
        let rounding = Comparison(Array(plan.gradient), fixed.map(Float.init))
        #expect(rounding.rmsOverDeviation <= way.medianBound * 2, "\(name), decisions fixed: \(rounding)")
    }

    @Test(
        "fast gradients have the direction of double precision's", .enabled(if: Precision.fast.isAvailable),
        arguments: [
            ("160x131/mixed0", 0.998), ("160x131/mixed4_mixed6", 0.98), ("160x131/mixed10", 0.94),
            ("225x225/mixed3_mixed5", 0.985),
        ])
    func fastGradients(name: String, least: Double) throws {
        let terms = try #require(reference.objectives[name]).map { GradientPlan.Term(layer: $0.key, weight: $0.value) }
        let plan = try plan(terms, String(name.prefix(7)), precision: .fast)
        let loss = try #require(reference.losses[name])
        #expect(abs(plan.run() / loss - 1) < 0.01)
        let (expected, stride) = try slice("gradient/\(name)")
        let found = Swift.stride(from: 0, to: plan.gradient.count, by: stride).map { plan.gradient[$0] }
        let error = Comparison(found, expected)
        #expect(error.cosine >= least, "\(name): \(error)")
    }

    @Test(
        "a fast plan computes in bfloat16 where it may, but not in Winograd's algorithm before decisions",
        .enabled(if: Precision.fast.isAvailable))
    func fastPlan() throws {
        let terms = ["mixed3", "mixed5"].map { GradientPlan.Term(layer: $0) }
        let steps = try plan(terms, "225x225", precision: .fast).profile(runs: 1).filter { !$0.method.isEmpty }
        func methods(_ isIncluded: (String) -> Bool) -> [String] { steps.filter { isIncluded($0.name) }.map(\.method) }
        let forward = methods { !$0.hasSuffix("'") }
        #expect(forward.contains("direct bf16"))
        #expect(!forward.contains { $0.hasPrefix("winograd") && $0.hasSuffix("bf16") })
        #expect(!methods { $0.hasPrefix("Conv2d_") && !$0.hasSuffix("'") }.contains { $0.hasSuffix("bf16") })
        let backward = methods { $0.hasSuffix("'") }
        #expect(backward.allSatisfy { $0.hasSuffix("bf16") })
        #expect(backward.contains("winograd 4×4 bf16") && backward.contains("direct bf16"))
    }

    /// The largest error that float32 TensorFlow, with or without oneDNN, makes on this photo or a shift of it.
    private var worstRelativeNorm: Double {
        reference.tensorflow.values.flatMap { noise in
            noise.shiftedPhotos.normOfDifferenceOverNorm + noise.gradients.values.map(\.normOfDifferenceOverNorm)
        }.max() ?? 0
    }
}
