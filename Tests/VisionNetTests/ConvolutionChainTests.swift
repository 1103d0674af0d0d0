import TestSupport
import Testing
import VisionNet

@Suite("Convolutions computed by bands of rows") struct ConvolutionChainTests {
    private static let graph = Graph(
        [
            .convolution("stem", 16, kernel: 3, stride: 2, activation: .relu6),
            .depthwise("a", kernel: 3, activation: .relu6), .convolution("b", 8, kernel: 1, activation: .none),
            .convolution("c", 48, kernel: 1, activation: .relu6),
            .depthwise("d", kernel: 5, stride: 2, activation: .relu6),
            .convolution("e", 24, kernel: 1, activation: .none),
            .residual([
                .convolution("f", 144, kernel: 1, activation: .relu6), .depthwise("g", kernel: 3, activation: .relu6),
                .convolution("h", 24, kernel: 1, activation: .none),
            ]), .layer("top"),
        ], inputChannels: 3, width: .full)

    private func gradient(
        fewestChainBytes: Int, threads: Int, precision: Precision, height: Int, width: Int
    ) throws -> (value: Double, gradient: [Float], steps: Int) {
        let model = try VisionModel(name: "blocks", graph: Self.graph, smallestSide: 1, weights: RandomWeights())
        var options = ComputeOptions(backend: .native, threads: threads)
        options.fewestChainBytes = fewestChainBytes
        let workspace = try Workspace(model: model, options: options)
        let plan = try workspace.plan(
            [.init(layer: "top", measure: .meanOfSquares)], height: height, width: width, precision: precision)
        let picture = GeneratedWeights.uniform(seed: "chain", count: plan.input.count, amplitude: 1)
        _ = plan.input.update(fromContentsOf: picture)
        let value = plan.run()
        return (value, Array(plan.gradient), plan.profile(runs: 1).count)
    }

    @Test(
        "give the same bits as one after another, however many threads",
        arguments: [(67, 93), (128, 41), (9, 200)], Precision.allCases.filter(\.isAvailable))
    func equality(size: (height: Int, width: Int), precision: Precision) throws {
        let apart = try gradient(
            fewestChainBytes: .max, threads: 1, precision: precision, height: size.height, width: size.width)
        #expect(apart.gradient.contains { $0 != 0 })
        for threads in [1, 2, 3, 5] {
            let together = try gradient(
                fewestChainBytes: 0, threads: threads, precision: precision, height: size.height, width: size.width)
            #expect(together.steps < apart.steps)
            #expect(together.value == apart.value)
            #expect(together.gradient == apart.gradient, "\(threads) threads")
        }
    }
}
