import TestSupport
import Testing
import VisionNet

/// EfficientNet-Lite0 with generated weights against PyTorch in double precision. `make_efficientnet_reference.py` made
/// the values and measured the errors of PyTorch's own float32; the bounds are multiples of those.
@Suite("EfficientNet-Lite0", .serialized)
struct EfficientNetReferenceTests {
    /// How many times PyTorch's float32 error is allowed.
    static let tolerance = 4.0

    let reference: NetworkReference
    let weights: GeneratedWeights
    let model: VisionModel
    let picture: [Float]

    init() throws {
        reference = try Fixtures.json("efficientnet_lite0_reference.json", as: NetworkReference.self)
        weights = GeneratedWeights(
            statistics: try Fixtures.tensors("efficientnet_lite0_calibration.safetensors"), hasGammas: true)
        model = try VisionModel(name: "generated", network: .efficientNetLite0, weights: weights)
        picture = GeneratedWeights.networkInput(
            GeneratedWeights.formulaPicture(height: reference.height, width: reference.width))
    }

    private func plan(
        _ terms: [GradientPlan.Term], _ options: ComputeOptions = ComputeOptions(), precision: Precision = .full,
        keeping: Set<Int> = []
    ) throws -> GradientPlan {
        let plan = try Workspace(model: model, options: options)
            .plan(terms, height: reference.height, width: reference.width, precision: precision, keeping: keeping)
        _ = plan.input.update(fromContentsOf: picture)
        return plan
    }

    @Test("has PyTorch's activations in every layer", arguments: ComputeWay.all)
    func activations(way: ComputeWay) throws {
        let tensors = Dictionary(uniqueKeysWithValues: model.fusedGraph.layers.map { ($0.name, $0.tensor) })
        #expect(reference.layers.map(\.name) == model.layers.map(\.name))
        let plan = try plan([.init(layer: "logits")], way.options, keeping: Set(tensors.values))
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
    }

    @Test("has PyTorch's objective and gradient", arguments: ComputeWay.all)
    func gradient(way: ComputeWay) throws {
        let plan = try plan(NetworkReference.terms, way.options)
        let objective = plan.run()
        let errors = reference.gradient.float32Errors
        let objectiveBound = Self.tolerance * (errors.map(\.objective).max() ?? 0)
        #expect(abs(objective / reference.objective - 1) <= objectiveBound, "\(objective), \(reference.objective)")
        let error = Comparison(reference.gradient.sample(Array(plan.gradient)), reference.gradient.values)
        // A flipped decision of a ReLU6 is an error of about 1e-3 of the norm; without one, all is rounding.
        let norm = plan.gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        if error.relativeNorm > 1e-4 {
            let worst = errors.map(\.relativeNorm).max() ?? 0
            #expect(error.relativeNorm <= 2 * worst, "\(error)")
        } else {
            let usual = reference.gradient.usualMedianError
            #expect(error.medianOverDeviation <= Self.tolerance * usual, "\(error)")
            #expect(abs(norm / reference.gradient.norm - 1) <= Self.tolerance * usual, "\(norm)")
        }
    }

    /// Checks all of the gradient's values, not only the committed ones: the naive network agrees with PyTorch on
    /// those, and, given the plan's decisions, with the plan everywhere.
    @Test("has the whole gradient of the naive network, whose values are PyTorch's")
    func naiveGradient() throws {
        let naive = try NaiveNetwork(model.fusedGraph, weights: weights)
        let terms = NetworkReference.terms
        let tensors = naive.forward(
            picture.map(Double.init), height: reference.height, width: reference.width, layers: terms.map(\.layer))
        let free = naive.gradient(
            terms, shapes: tensors, decisions: NaiveDecisions(graph: model.fusedGraph, tensors: tensors))
        let usual = reference.gradient.usualMedianError
        let sample = reference.gradient.sample(free.map(Float.init))
        #expect(Comparison(sample, reference.gradient.values).medianOverDeviation <= usual)
        let kept = try #require(model.fusedGraph.layers.first { $0.name == "e11" }).tensor
        for way in ComputeWay.all {
            // A plan that keeps activations keeps its decisions too.
            let plan = try plan(terms, way.options, keeping: [kept])
            plan.run()
            let fixed = naive.gradient(
                terms, shapes: tensors, decisions: RecordedDecisions(plan: plan.lastDecisions))
            let error = Comparison(Array(plan.gradient), fixed.map(Float.init))
            #expect(error.rmsOverDeviation <= Self.tolerance * 2 * usual, "\(way): \(error)")
        }
    }

    @Test(
        "has a gradient at least as good as PyTorch's bfloat16 when computed fast",
        .enabled(if: Precision.fast.isAvailable))
    func fastGradient() throws {
        let plan = try plan(NetworkReference.terms, precision: .fast)
        let objective = plan.run()
        #expect(abs(objective / reference.objective - 1) <= 0.01, "\(objective), \(reference.objective)")
        let error = Comparison(reference.gradient.sample(Array(plan.gradient)), reference.gradient.values)
        #expect(error.cosine >= reference.gradient.bfloat16.cosine, "\(error)")
    }
}
