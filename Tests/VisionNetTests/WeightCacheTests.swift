import TestSupport
import Testing
import VisionNet

/// Pictures of many sizes must not fill the memory with packed forms of the same weights.
@Suite("The cache of packed weights")
struct WeightCacheTests {
    @Test("stays within its bound over pictures of many sizes, and changes no result")
    func bound() throws {
        let weights = GeneratedWeights(statistics: try Fixtures.tensors("inception_v3_calibration.safetensors"))
        let bound = 8 << 20
        func model(_ mostBytes: Int?) throws -> VisionModel {
            try VisionModel(
                name: "generated", graph: Network.inceptionV3.graph(), smallestSide: 75,
                weights: weights, mostCachedWeightBytes: mostBytes)
        }
        let (bounded, usual) = (try model(bound), try model(nil))
        let workspaces = [try Workspace(model: bounded), try Workspace(model: usual)]
        for (height, width) in [(75, 75), (120, 90), (75, 75), (101, 260)] {
            let gradients = try workspaces.map { workspace in
                let plan = try workspace.plan([.init(layer: "mixed3")], height: height, width: width)
                for index in plan.input.indices { plan.input[index] = Float(index % 251) / 125 - 1 }
                plan.run()
                return Array(plan.gradient)
            }
            #expect(gradients[0] == gradients[1])
            #expect(bounded.cachedWeightBytes <= bound)
        }
        #expect(usual.cachedWeightBytes > bound, "the bound was never reached, so the test shows nothing")
    }
}
