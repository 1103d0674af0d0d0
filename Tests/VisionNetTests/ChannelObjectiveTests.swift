import TestSupport
import Testing
import VisionNet

/// Objectives of single channels, and objectives that favour channels of low activation.
@Suite("Channel objectives")
struct ChannelObjectiveTests {
    /// A layer that another layer reads, and one that nothing reads.
    private static let graph = Graph(
        [
            .convolution("a", 16, kernel: 3),
            .block("below", [.convolution("b", 24, kernel: 1)], [.convolution("c", 16, kernel: 3)]),
            .block(
                "top", [.convolution("d", 16, kernel: 3)], [.averagePool(window: 3), .convolution("e", 8, kernel: 1)]),
        ], inputChannels: 3, width: .full)

    private func term(
        _ layer: String, _ channels: Set<Int>?, _ weight: Double = 1, diversity: Double = 0, selectivity: Double = 0
    ) -> GradientPlan.Term {
        GradientPlan.Term(
            layer: layer, channels: channels, weight: weight, diversity: diversity, selectivity: selectivity)
    }

    @Test("values and gradients agree with the definition", arguments: Backend.allCases, [true, false])
    func agreement(backend: Backend, isFused: Bool) throws {
        let weights = GeneratedWeights(statistics: NeutralStatistics())
        let model = try VisionModel(name: "parts", graph: Self.graph, smallestSide: 1, weights: weights)
        let naive = try NaiveNetwork(isFused ? model.fusedGraph : model.graph, weights: weights)
        var options = ComputeOptions(backend: backend)
        options.fusesNodes = isFused
        let workspace = try Workspace(model: model, options: options)
        // A plan that keeps a tensor also keeps its decisions until they are read below.
        let top = try #require(naive.graph.layers.last).tensor
        let (height, width) = (9, 11)
        let input = GeneratedWeights.uniform(seed: "channels", count: 3 * height * width, amplitude: 1)
        let tensors = naive.forward(input.map(Double.init), height: height, width: width, layers: ["below", "top"])
        for terms in [
            [term("top", [3])], [term("top", [0, 1, 2, 23])], [term("below", [39])],
            [term("below", [5, 6, 30], -0.5), term("below", nil, 2), term("top", [9])],
            [term("top", nil, diversity: 0.5)], [term("top", nil, diversity: 1)],
            [term("top", nil, diversity: 0.9999)], [term("top", nil, 3, diversity: 1e-9)],
            [term("top", nil, -3, diversity: 1)],
            [
                term("below", nil, 2, diversity: 1), term("below", [5, 6], diversity: 0.25),
                term("top", [9], diversity: 1),
            ],
            [term("top", [3], selectivity: 0.5)], [term("top", [0, 1, 2, 23], 2, diversity: 0.5, selectivity: 1)],
            [term("below", [5, 6, 30], selectivity: 0.25), term("below", [7], -2, selectivity: 1), term("top", [9])],
        ] {
            let plan = try workspace.plan(terms, height: height, width: width, keeping: [top])
            _ = plan.input.update(fromContentsOf: input)
            let value = plan.run()
            #expect(abs(value - naive.objective(terms, tensors)) < 1e-5, "\(terms)")
            let expected = naive.gradient(
                terms, shapes: tensors, decisions: RecordedDecisions(plan: plan.lastDecisions))
            let error = Comparison(Array(plan.gradient), expected.map(Float.init))
            #expect(error.largestOverLargest < 3e-5, "\(terms): \(error)")
            #expect(plan.gradient.contains { $0 != 0 })
        }
    }

    @Test("selectivity does not matter for a whole layer, even if it is given as all its channels")
    func wholeLayers() throws {
        let model = try VisionModel(
            name: "parts", graph: Self.graph, smallestSide: 1,
            weights: GeneratedWeights(statistics: NeutralStatistics()))
        let workspace = try Workspace(model: model)
        let input = GeneratedWeights.uniform(seed: "whole", count: 3 * 9 * 11, amplitude: 1)
        let results = try [
            term("top", nil), term("top", nil, selectivity: 1), term("top", Set(0..<24), selectivity: 1),
        ].map { term in
            let plan = try workspace.plan([term], height: 9, width: 11)
            _ = plan.input.update(fromContentsOf: input)
            return (plan.run(), Array(plan.gradient))
        }
        for result in results.dropFirst() { #expect(result == results[0]) }
    }

    @Test("a channel without activation has a gradient only if its selectivity is between 0 and 1")
    func silentChannels() throws {
        // With this mean, no value passes the ReLUs of the first branch of "top".
        let model = try VisionModel(
            name: "parts", graph: Self.graph, smallestSide: 1,
            weights: GeneratedWeights(statistics: NeutralStatistics(means: ["top.d": 1e6])))
        let workspace = try Workspace(model: model)
        let input = GeneratedWeights.uniform(seed: "silent", count: 3 * 9 * 11, amplitude: 1)
        let largest = try [0, 0.5, 1].map { selectivity in
            let plan = try workspace.plan([term("top", [3], selectivity: selectivity)], height: 9, width: 11)
            _ = plan.input.update(fromContentsOf: input)
            plan.run()
            return plan.gradient.map(abs).max() ?? 0
        }
        #expect(largest[0] == 0)
        #expect(largest[1] > 0)
        // Rounding may leave a little.
        #expect(largest[2] < 1e-6 * largest[1])
    }

    @Test("a layer without activation has the objective 0 and no gradient", arguments: [0, 0.5, 1])
    func silence(diversity: Double) throws {
        let weights = GeneratedWeights(statistics: NeutralStatistics(means: ["top.d": 1e6, "top.e": 1e6]))
        let model = try VisionModel(name: "parts", graph: Self.graph, smallestSide: 1, weights: weights)
        let terms = [
            term("top", nil, diversity: diversity), term("top", [3], diversity: diversity, selectivity: diversity),
        ]
        let plan = try Workspace(model: model).plan(terms, height: 9, width: 11)
        plan.input.update(repeating: 0.5)
        #expect(plan.run() == 0)
        #expect(plan.gradient.allSatisfy { $0 == 0 })
    }

    @Test("a layer that a strided convolution reads keeps its own gradient")
    func mergedColumns() throws {
        // Three channels and stride 2: the backward pass computes neighbouring columns as one, where it may.
        let graph = Graph(
            [
                .block("below", [.maxPool(window: 2, stride: 1)]),
                .block("top", [.convolution("a", 16, kernel: 3, stride: 2)]),
            ],
            inputChannels: 3, width: .full)
        let weights = GeneratedWeights(statistics: NeutralStatistics())
        let model = try VisionModel(name: "parts", graph: graph, smallestSide: 2, weights: weights)
        let naive = try NaiveNetwork(model.fusedGraph, weights: weights)
        let (height, width) = (10, 12)
        let input = GeneratedWeights.uniform(seed: "merged", count: 3 * height * width, amplitude: 1)
        let tensors = naive.forward(input.map(Double.init), height: height, width: width, layers: ["below", "top"])
        let terms = [term("below", [1], 3), term("top", nil)]
        let top = try #require(model.fusedGraph.layers.last).tensor
        let plan = try Workspace(model: model).plan(terms, height: height, width: width, keeping: [top])
        _ = plan.input.update(fromContentsOf: input)
        plan.run()
        let expected = naive.gradient(terms, shapes: tensors, decisions: RecordedDecisions(plan: plan.lastDecisions))
        #expect(Comparison(Array(plan.gradient), expected.map(Float.init)).largestOverLargest < 3e-5)
    }

    @Test("a channel that the layer lacks is refused by name, and so is a term without channels")
    func wrongChannels() throws {
        let model = try VisionModel(
            name: "parts", graph: Self.graph, smallestSide: 1,
            weights: GeneratedWeights(statistics: NeutralStatistics()))
        let workspace = try Workspace(model: model)
        for channel in [-1, 24] {
            #expect(throws: ModelError.unknownChannel(layer: "top", channel: channel, count: 24)) {
                try workspace.plan([term("top", [2, channel])], height: 9, width: 9)
            }
        }
        #expect(throws: ModelError.noLayers) { try workspace.plan([term("top", [])], height: 9, width: 9) }
    }

    @Test(
        "malformed names of channels in a model's metadata are refused",
        arguments: [
            "", "fern", "fern=", "fern=8+", "fern=900", "fern=-0", "99999999999999999999=1", "fern=-1", "fern=1,fern=2",
            "7=1", "a b=1", "=1", "fern=1=2",
        ])
    func wrongNames(text: String) {
        #expect(throws: ModelError.self) {
            try VisionModel(
                name: "parts", graph: Self.graph, smallestSide: 1, metadata: ["channels.top": text],
                weights: GeneratedWeights(statistics: NeutralStatistics()))
        }
    }

    @Test("names of channels of an unknown layer are refused")
    func namesOfNoLayer() {
        #expect(throws: ModelError.self) {
            try VisionModel(
                name: "parts", graph: Self.graph, smallestSide: 1, metadata: ["channels.tpo": "fern=1"],
                weights: GeneratedWeights(statistics: NeutralStatistics()))
        }
    }
}
