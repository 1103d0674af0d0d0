import Foundation
import Testing
import VisionNet

/// The full-width network against TensorFlow in double precision. `Fixtures/make_inception_reference.py` made the
/// values and measured TensorFlow's own float32 against them: that is the noise no float32 program escapes.
@Suite("InceptionV3 at its published width", .serialized)
struct InceptionV3ReferenceTests {
    struct Reference: Decodable {
        struct Tensor: Decodable {
            let shape: [Int]
            let stride: Int
        }
        struct Gradient: Decodable {
            let medianErrorOverStd: Double
            let normOfDifferenceOverNorm: Double
        }
        struct Picture: Decodable {
            let psnr: Double
        }
        struct Noise: Decodable {
            let gradients: [String: Gradient]
            let pictures: [String: Picture]
        }

        let objectives: [String: [String: Double]]
        let losses: [String: Double]
        let tensors: [String: Tensor]
        let objectiveAfterSteps: [String: Double]
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
        let shape = try #require(tensors.tensors[name]?.shape)
        return (try tensors.tensor(named: name, shape: shape), info.stride)
    }

    private func plan(
        _ terms: [GradientPlan.Term], _ size: String, keeping: Set<Int> = [], _ options: ComputeOptions
    ) throws -> GradientPlan {
        let (height, width) = size == "225x225" ? (225, 225) : (131, 160)
        let plan = try Workspace(model: model, options: options)
            .plan(terms, height: height, width: width, keeping: keeping)
        _ = plan.input.update(fromContentsOf: try input(size))
        return plan
    }

    @Test("activations are TensorFlow's", arguments: Backend.allCases, ["225x225", "160x131"])
    func activations(backend: Backend, size: String) throws {
        let layers = ["mixed0", "mixed3", "mixed5", "mixed10"]
        let ids = model.graph.layers.filter { layers.contains($0.name) }
        let plan = try plan([.init(layer: "mixed10")], size, keeping: Set(ids.map(\.tensor)), ComputeOptions(backend: backend))
        plan.run()
        for (name, tensor) in ids {
            let (expected, stride) = try slice("activation/\(size)/\(name)")
            let all = try #require(plan.activations(of: tensor))
            let found = Swift.stride(from: 0, to: all.count, by: stride).map { all[$0] }
            let error = Comparison(found, expected)
            print("activation", backend, size, name, error)
            #expect(error.rmsOverDeviation < (name == "mixed10" ? 3e-4 : 2e-5), "\(name): \(error)")
        }
    }

    @Test("objectives and gradients are TensorFlow's", arguments: Backend.allCases, [
        "160x131/mixed0", "160x131/mixed4_mixed6", "160x131/mixed10", "225x225/mixed3_mixed5",
    ])
    func gradients(backend: Backend, name: String) throws {
        let terms = try #require(reference.objectives[name]).map { GradientPlan.Term(layer: $0.key, weight: $0.value) }
        let plan = try plan(terms, String(name.prefix(7)), ComputeOptions(backend: backend))
        let loss = try #require(reference.losses[name])
        let value = plan.run()
        #expect(abs(value / loss - 1) < 1e-6)
        let (expected, stride) = try slice("gradient/\(name)")
        let found = Swift.stride(from: 0, to: plan.gradient.count, by: stride).map { plan.gradient[$0] }
        let error = Comparison(found, expected)
        print("gradient", backend, name, value / loss - 1, error)
    }
}
