import TestSupport
import Testing
import VisionNet

/// The other networks with generated weights against PyTorch in double precision. `make_network_references.py` made the
/// values and measured the errors of PyTorch's own float32; the bounds are multiples of those.
@Suite("Networks of PyTorch", .serialized, .timeLimit(.minutes(10)))
struct NetworkReferenceTests {
    /// How many times PyTorch's float32 error is allowed.
    static let tolerance = 4.0

    static let networks = Network.all.map(\.name).filter { !["inception_v3", "efficientnet_lite0"].contains($0) }

    private struct Case {
        let reference: NetworkReference
        let model: VisionModel

        init(_ name: String) throws {
            reference = try Fixtures.json("\(name)_reference.json", as: NetworkReference.self)
            let network = try Network.named(name)
            let weights = CenteredWeights(network, variances: try #require(reference.variances))
            model = try VisionModel(name: "generated", network: network, weights: weights)
        }

        func plan(
            _ options: ComputeOptions = ComputeOptions(), precision: Precision = .full, keeping: Set<Int> = []
        ) throws -> GradientPlan {
            let (height, width) = (reference.height, reference.width)
            let plan = try Workspace(model: model, options: options)
                .plan(
                    reference.objectiveTerms, height: height, width: width, precision: precision, keeping: keeping)
            let picture = GeneratedWeights.formulaPicture(height: height, width: width)
            _ = plan.input.update(fromContentsOf: GeneratedWeights.networkInput(picture))
            return plan
        }
    }

    @Test("have PyTorch's activations in every layer", arguments: networks)
    func activations(network: String) throws {
        let test = try Case(network)
        let tensors = Dictionary(uniqueKeysWithValues: test.model.fusedGraph.layers.map { ($0.name, $0.tensor) })
        #expect(test.reference.layers.map(\.name) == test.model.layers.map(\.name))
        for way in ComputeWay.all {
            let plan = try test.plan(way.options, keeping: Set(tensors.values))
            plan.run()
            for layer in test.reference.layers {
                let tensor = try #require(tensors[layer.name])
                let found = try #require(plan.activations(of: tensor))
                try #require(found.count == layer.shape.reduce(1, *), "\(layer.name)")
                let bounds = layer.float32Error
                let (largest, mean) = (layer.largestError(of: found), layer.errorOfMean(of: found))
                #expect(largest <= Self.tolerance * bounds.largest, "\(way), \(layer.name): \(largest), \(bounds)")
                #expect(mean <= Self.tolerance * bounds.rootMeanSquare, "\(way), \(layer.name): \(mean), \(bounds)")
            }
        }
    }

    @Test("have PyTorch's objective and gradient", arguments: networks)
    func gradient(network: String) throws {
        let test = try Case(network)
        let (reference, errors) = (test.reference, test.reference.gradient.float32Errors)
        for way in ComputeWay.all {
            let plan = try test.plan(way.options)
            let objective = plan.run()
            let objectiveBound = Self.tolerance * (errors.map(\.objective).max() ?? 0)
            #expect(abs(objective / reference.objective - 1) <= objectiveBound, "\(way): \(objective)")
            let error = Comparison(reference.gradient.sample(Array(plan.gradient)), reference.gradient.values)
            // A flipped decision of a ReLU or a pool is an error of up to 1e-2 of the norm; without one, all is
            // rounding. Which decisions flip is luck.
            let sorted = errors.map(\.relativeNorm).sorted()
            let flipped = max(2 * (sorted.last ?? 0), 1e-2)
            if error.relativeNorm > Self.tolerance * sorted[sorted.count / 2] {
                #expect(error.relativeNorm <= flipped, "\(way): \(error)")
            } else {
                let bound = Self.tolerance * reference.gradient.usualMedianError
                #expect(error.medianOverDeviation <= bound, "\(way): \(error)")
            }
            let norm = plan.gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(norm / reference.gradient.norm - 1) <= flipped, "\(way): \(norm)")
        }
    }

    @Test(
        "have gradients at least as good as PyTorch's bfloat16 when computed fast",
        .enabled(if: Precision.fast.isAvailable), arguments: networks)
    func fastGradient(network: String) throws {
        let test = try Case(network)
        let plan = try test.plan(precision: .fast)
        plan.run()
        let error = Comparison(
            test.reference.gradient.sample(Array(plan.gradient)), test.reference.gradient.values)
        #expect(error.cosine >= test.reference.gradient.bfloat16.cosine, "\(error)")
    }
}
