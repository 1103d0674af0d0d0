import Testing
import VisionNet

/// Weights as a broken or hostile file may hold them.
@Suite("Invalid weights", .serialized)
struct UnsoundWeightsTests {
    /// The embedded model's tensors, with one value of one of them changed.
    private struct Altered: WeightSource {
        let base: SafetensorsFile
        let name: String
        let value: Float
        /// The shape that the altered tensor really has; nil for the right one.
        var shape: [Int]?

        func contains(_ tensor: String) -> Bool { base.contains(tensor) }
        func check(_ tensor: String, shape: [Int]) throws {
            if tensor == name, let found = self.shape, found != shape {
                throw ModelError.wrongShape(tensor: tensor, found: found, expected: shape, file: "altered")
            }
            try base.check(tensor, shape: shape)
        }
        func tensor(named tensor: String, shape: [Int]) throws -> [Float] {
            try check(tensor, shape: shape)
            var values = try base.tensor(named: tensor, shape: shape)
            if tensor == name { values[values.count / 2] = value }
            return values
        }
    }

    private func model(_ name: String, _ value: Float, shape: [Int]? = nil) throws -> VisionModel {
        let weights = Altered(base: try .embedded(), name: name, value: value, shape: shape)
        return try VisionModel(name: "altered", width: VisionModel.embedded().width, weights: weights)
    }

    @Test("a gamma of the wrong shape is found when the model is loaded, like any other tensor")
    func gamma() throws {
        #expect(throws: ModelError.self) { try model("mixed0.branch1x1.gamma", 1, shape: [3]) }
    }

    @Test(
        "values that are not finite, and negative variances, are refused with the tensor's name",
        arguments: [
            ("mixed0.branch1x1.kernel", Float.nan), ("mixed0.branch1x1.kernel", .infinity),
            ("mixed0.branch1x1.moving_variance", -1), ("mixed0.branch1x1.beta", .nan),
        ])
    func notFinite(name: String, value: Float) throws {
        let error = #expect(throws: ModelError.self) {
            let workspace = try Workspace(model: model(name, value))
            _ = try workspace.plan([.init(layer: "mixed0")], height: 75, width: 75)
        }
        if let error { #expect("\(error)".contains("mixed0.branch1x1"), "\(error)") }
    }

    /// Every value is finite, but not the product of a kernel and the factor of its BatchNorm.
    private struct Steep: WeightSource {
        func contains(_: String) -> Bool { true }
        func check(_: String, shape _: [Int]) {}
        func tensor(named name: String, shape: [Int]) -> [Float] {
            let value: Float = name.hasSuffix(".kernel") || name.hasSuffix(".gamma") ? 1e30 : 1
            return Array(repeating: value, count: shape.reduce(1, *))
        }
    }

    @Test("weights that overflow when BatchNorm is folded into them are refused")
    func notFiniteFolded() throws {
        let graph = Graph([.block("top", [.convolution("steep", 8, kernel: 1)])], inputChannels: 3, width: .full)
        let model = try VisionModel(name: "steep", graph: graph, smallestSide: 1, weights: Steep())
        let error = #expect(throws: ModelError.self) {
            _ = try Workspace(model: model).plan([.init(layer: "top")], height: 4, width: 4)
        }
        if let error { #expect("\(error)".contains("steep.kernel"), "\(error)") }
    }
}
