import Testing
import VisionNet

/// What is known of a plan's memory before it is made.
@Suite("Memory of plans") struct PlanBytesTests {
    /// Weights whose values nobody reads.
    private struct AnyWeights: WeightSource {
        func contains(_ tensor: String) -> Bool { true }
        func check(_ tensor: String, shape: [Int]) {}
        func tensor(named tensor: String, shape: [Int]) -> [Float] {
            Array(repeating: 0, count: shape.reduce(1, *))
        }
    }

    @Test(
        "a plan's tensors and weights are as large as was predicted, to the byte", .timeLimit(.minutes(10)),
        arguments: Network.all, Backend.allCases)
    func exact(network: Network, backend: Backend) throws {
        let options = ComputeOptions(backend: backend)
        for (height, width) in [(150, 213), (320, 240)] {
            let model = try VisionModel(
                name: "zeros", network: network, weights: AnyWeights())
            // Enough for all weights, so that none is dropped.
            model.limitCachedWeights(toBytes: .max)
            let terms = [model.layers.count / 2, model.layers.count * 3 / 4].map {
                GradientPlan.Term(layer: model.layers[$0].name)
            }
            let predicted = try model.planBytes(terms, height: height, width: width, options: options)
            let workspace = try Workspace(model: model, options: options)
            let plan = try workspace.plan(terms, height: height, width: width)
            #expect(workspace.keptBytes == predicted.arena)
            #expect(model.cachedWeightBytes == predicted.weights)
            #expect(predicted.pictures == 4 * (plan.input.count + plan.gradient.count))
        }
    }
}
