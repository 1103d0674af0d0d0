import TestSupport
import Testing
import VisionNet

/// Every kind of operator on random shapes, forward and backward, in every way the core can compute it.
@Suite("Operators")
struct OperatorTests {
    /// One way to compute.
    struct Way: Sendable, CustomTestStringConvertible {
        let options: ComputeOptions
        let testDescription: String
        var precision = Precision.full

        /// The allowed error of results, relative to the largest.
        var tolerance: Double { precision == .full ? 3e-5 : 3e-2 }

        static let all: [Way] = {
            var ways = [Way(options: ComputeOptions(backend: .openblas), testDescription: "openblas")]
            for set in ComputeOptions.availableInstructionSets {
                for (winograd, fusion, threads) in [(false, false, 1), (true, true, 1), (true, true, 3)] {
                    var options = ComputeOptions(backend: .native, threads: threads, instructionSet: set)
                    (options.usesWinograd, options.fusesNodes) = (winograd, fusion)
                    if fusion { options.fewestChainBytes = 0 }
                    ways.append(
                        Way(
                            options: options, testDescription: "\(set) winograd:\(winograd) fused:\(fusion) ×\(threads)"
                        ))
                }
            }
            if Precision.fast.isAvailable {
                for (winograd, fusion, threads) in [(false, false, 1), (true, true, 3)] {
                    var options = ComputeOptions(threads: threads)
                    (options.usesWinograd, options.fusesNodes) = (winograd, fusion)
                    if fusion { options.fewestChainBytes = 0 }
                    ways.append(
                        Way(
                            options: options, testDescription: "fast winograd:\(winograd) fused:\(fusion) ×\(threads)",
                            precision: .fast))
                }
            }
            var options = ComputeOptions(backend: .openblas, threads: 2)
            options.fusesNodes = false
            return ways + [Way(options: options, testDescription: "openblas unfused ×2")]
        }()
    }

    /// A chain whose last operation is the layer `top`.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let chain: [VisionNet.Operation]
        let smallest: Int

        init(_ name: String, smallest: Int = 1, _ chain: [VisionNet.Operation]) {
            (testDescription, self.chain, self.smallest) = (name, chain, smallest)
        }

        /// The cases that are small enough to run the naive network many times.
        static let small = all.filter { $0.smallest < 10 }

        static let all: [Case] = [
            Case("3×3 same", [.block("top", [.convolution("a", 24, kernel: 3)])]),
            Case("3×3 valid", smallest: 3, [.block("top", [.convolution("a", 16, kernel: 3, padding: .valid)])]),
            Case(
                "3×3 stride 2 valid", smallest: 3,
                [
                    .convolution("a", 16, kernel: 3),
                    .block("top", [.convolution("b", 40, kernel: 3, stride: 2, padding: .valid)]),
                ]),
            Case(
                "3×3 stride 2 same",
                [
                    .convolution("a", 16, kernel: 3), .block("top", [.convolution("b", 24, kernel: 3, stride: 2)]),
                ]),
            Case(
                "1×1 stride 2",
                [
                    .convolution("a", 16, kernel: 3),
                    .block("top", [.convolution("b", 8, kernel: 1, stride: 2, padding: .valid)]),
                ]),
            Case(
                "2×4 stride 3 same",
                [
                    .convolution("a", 16, kernel: 3),
                    .block("top", [.convolution("b", 8, kernel: Kernel(2, by: 4), stride: 3)]),
                ]),
            Case("5×5", [.convolution("a", 16, kernel: 1), .block("top", [.convolution("b", 32, kernel: 5)])]),
            Case(
                "1×7 and 7×1",
                [
                    .convolution("a", 32, kernel: Kernel(1, by: 7)),
                    .block("top", [.convolution("b", 24, kernel: Kernel(7, by: 1))]),
                ]),
            Case(
                "max pool", smallest: 3,
                [
                    .convolution("a", 16, kernel: 3), .block("top", [.maxPool(window: 3, stride: 2)]),
                ]),
            Case(
                "max pool 2, stride 1", smallest: 2,
                [
                    .convolution("a", 8, kernel: 3), .block("top", [.maxPool(window: 2, stride: 1)]),
                ]),
            Case(
                "max pool 3, stride 2, padded",
                [
                    .convolution("a", 16, kernel: 3),
                    .block("top", [.maxPool(window: 3, stride: 2, padding: .symmetric(1))]),
                ]),
            Case(
                "max pool of ceil mode", smallest: 2,
                [
                    .convolution("a", 16, kernel: 3),
                    .block("top", [.maxPool(window: 3, stride: 2, padding: .roundedUp(0))]),
                ]),
            Case(
                "max pool 2 of ceil mode and a padded one of stride 1",
                [
                    .convolution("a", 24, kernel: 3), .maxPool(window: 2, stride: 2, padding: .roundedUp(0)),
                    .convolution("b", 16, kernel: 1),
                    .block(
                        "top",
                        [
                            .maxPool(window: 3, stride: 1, padding: .roundedUp(1)),
                            .convolution("c", 8, kernel: 1),
                        ],
                        [.convolution("d", 8, kernel: 3)]),
                ]),
            Case(
                "max pool 'same'",
                [
                    .convolution("a", 16, kernel: 3),
                    .block("top", [.maxPool(window: 3, stride: 2, padding: .same)]),
                ]),
            Case(
                "average pool that counts the padding",
                [
                    .convolution("a", 16, kernel: 3), .block("top", [.averagePool(window: 3, countsPadding: true)]),
                ]),
            Case(
                "pool that counts the padding, and projection",
                [
                    .convolution("a", 32, kernel: 3),
                    .block(
                        "top", [.averagePool(window: 3, countsPadding: true), .convolution("b", 16, kernel: 1)]),
                ]),
            Case(
                "average pool",
                [
                    .convolution("a", 16, kernel: 3), .block("top", [.averagePool(window: 3)]),
                ]),
            Case(
                "pool and projection",
                [
                    .convolution("a", 32, kernel: 3),
                    .block("top", [.averagePool(window: 3), .convolution("b", 16, kernel: 1)]),
                ]),
            Case(
                "branches", smallest: 3,
                [
                    .convolution("a", 24, kernel: 3),
                    .block(
                        "top", [.convolution("b", 16, kernel: 1)],
                        [.convolution("c", 24, kernel: 1), .convolution("d", 16, kernel: 3)],
                        [
                            .convolution("e", 16, kernel: 1),
                            .concatenation(
                                nil,
                                [
                                    [.convolution("f", 8, kernel: Kernel(1, by: 3))],
                                    [.convolution("g", 16, kernel: Kernel(3, by: 1))],
                                ]),
                        ], [.averagePool(window: 3), .convolution("h", 8, kernel: 1)]),
                ]),
            // Large enough for Winograd's algorithm in either precision.
            Case(
                "wide 3×3", smallest: 22,
                [
                    .convolution("a", 32, kernel: 1), .block("top", [.convolution("b", 32, kernel: 3)]),
                ]),
            Case(
                "wide 5×5 and 1×7", smallest: 18,
                [
                    .convolution("a", 32, kernel: 5), .block("top", [.convolution("b", 32, kernel: Kernel(1, by: 7))]),
                ]),
            Case(
                "stem", smallest: 9,
                [
                    .convolution("a", 16, kernel: 3), .maxPool(window: 3, stride: 2), .convolution("b", 24, kernel: 3),
                    .maxPool(window: 3, stride: 1), .block("top", [.convolution("c", 16, kernel: 1)]),
                ]),
            Case(
                "reduction of a reduction", smallest: 9,
                [
                    .block(
                        "below", [.convolution("a", 16, kernel: 3, stride: 2, padding: .valid)],
                        [.maxPool(window: 3, stride: 2)]),
                    .convolution("b", 16, kernel: 3),
                    .block(
                        "top", [.convolution("c", 16, kernel: 3, stride: 2, padding: .valid)],
                        [.maxPool(window: 3, stride: 2)]),
                ]),
            Case(
                "symmetric padding",
                [
                    .convolution("a", 16, kernel: 7, stride: 2, padding: .symmetric(3)),
                    .block("top", [.convolution("b", 24, kernel: 3, padding: .symmetric(1))]),
                ]),
            Case(
                "normalised picture",
                [
                    .normalization(mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.25, 0.3]),
                    .convolution("a", 16, kernel: 3, padding: .symmetric(1)),
                    .block("top", [.convolution("b", 24, kernel: 3, stride: 2, padding: .symmetric(1))]),
                ]),
            Case(
                "normalised picture, max pool and stride 2",
                [
                    .normalization(mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.25, 0.3]),
                    .convolution("a", 16, kernel: 7, stride: 2, padding: .symmetric(3)),
                    .maxPool(window: 3, stride: 2, padding: .symmetric(1)),
                    .block("top", [.convolution("b", 24, kernel: 1)]),
                ]),
            Case(
                "bias instead of BatchNorm",
                [
                    .convolution("a", 16, kernel: 3, offset: .bias),
                    .block("top", [.convolution("b", 24, kernel: 1, offset: .bias, activation: .none)]),
                ]),
            Case(
                "ReLU6",
                [
                    .convolution("clipped", 16, kernel: 3, activation: .relu6), .layer("below"), relu6("clipped again"),
                    .layer("top"),
                ]),
            Case(
                "siblings of different activation functions",
                [
                    .convolution("a", 16, kernel: 3),
                    .block(
                        "top", [.convolution("b", 8, kernel: 1, activation: .none), .convolution("c", 8, kernel: 3)],
                        [relu6("d"), .convolution("e", 8, kernel: 3)]),
                ]),
            Case(
                "depthwise 3×3",
                [.convolution("a", 24, kernel: 1), .depthwise("b", kernel: 3, activation: .relu6), .layer("top")]),
            Case(
                "depthwise 5×5 stride 2",
                [
                    .convolution("a", 24, kernel: 1), .depthwise("b", kernel: 5, stride: 2, offset: .bias),
                    .layer("top"),
                ]),
            Case(
                "depthwise 3×2 stride 2 symmetric",
                [
                    .convolution("a", 40, kernel: 1), .layer("below"),
                    .depthwise("b", kernel: Kernel(3, by: 2), stride: 2, padding: .symmetric(1), activation: .none),
                    .layer("top"),
                ]),
            Case(
                "inverted residual",
                [
                    .convolution("a", 16, kernel: 3, stride: 2, activation: .relu6), .layer("stem"),
                    .residual([
                        .convolution("b", 48, kernel: 1, activation: .relu6), .layer("below"),
                        .depthwise("c", kernel: 5, activation: .relu6),
                        .convolution("d", 16, kernel: 1, activation: .none),
                    ]), .layer("top"),
                ]),
            Case(
                "inverted residuals of stride 2 and 1",
                [
                    .convolution("a", 16, kernel: 3, stride: 2, activation: .relu6),
                    .depthwise("b", kernel: 3, activation: .relu6),
                    .convolution("c", 8, kernel: 1, activation: .none),
                    .convolution("d", 48, kernel: 1, activation: .relu6),
                    .depthwise("e", kernel: 5, stride: 2, activation: .relu6),
                    .convolution("f", 24, kernel: 1, activation: .none), .layer("below"),
                    .residual([
                        .convolution("g", 40, kernel: 1, activation: .relu6),
                        .depthwise("h", kernel: 3, padding: .symmetric(1), activation: .relu6),
                        .convolution("i", 24, kernel: 1, activation: .none),
                    ]), .layer("top"),
                ]),
            Case(
                "residuals with a ReLU behind the sum",
                [
                    .convolution("a", 16, kernel: 3),
                    .residual([.convolution("b", 8, kernel: 1), .convolution("c", 16, kernel: 3)]), .layer("below"),
                    .residual([.convolution("d", 16, kernel: 3)]), .layer("top"),
                ]),
            Case(
                "bottlenecks with a shortcut of stride 1 and of stride 2",
                [
                    .convolution("a", 16, kernel: 3),
                    .residual(
                        [
                            .convolution("b", 8, kernel: 1), .convolution("c", 8, kernel: 3, padding: .symmetric(1)),
                            .convolution("d", 32, kernel: 1),
                        ], shortcut: [.convolution("e", 32, kernel: 1, activation: .none)]),
                    .residual(
                        [
                            .convolution("f", 16, kernel: 1),
                            .convolution("g", 16, kernel: 3, stride: 2, padding: .symmetric(1)),
                            .convolution("h", 40, kernel: 1),
                        ], shortcut: [.convolution("i", 40, kernel: 1, stride: 2, activation: .none)]),
                    .layer("below"),
                    .residual([
                        .convolution("j", 16, kernel: 1), .convolution("k", 16, kernel: 3, padding: .symmetric(1)),
                        .convolution("l", 40, kernel: 1),
                    ]), .layer("top"),
                ]),
        ]

        private static func relu6(_ name: String) -> VisionNet.Operation {
            .convolution(name, 24, kernel: 1, activation: .relu6)
        }
    }

    private func picture(_ height: Int, _ width: Int, seed: String) -> [Float] {
        GeneratedWeights.uniform(seed: seed, count: 3 * height * width, amplitude: 1)
    }

    @Test("agree with the definitions, forward and backward", arguments: Case.all, Way.all)
    func agreement(of operation: Case, in way: Way) throws {
        let graph = Graph(operation.chain, inputChannels: 3, width: .full)
        let model = try VisionModel(
            name: "parts", graph: graph, smallestSide: operation.smallest, weights: RandomWeights())
        let used = way.options.fusesNodes ? model.fusedGraph : model.graph
        let naive = try NaiveNetwork(used, weights: RandomWeights())
        let workspace = try Workspace(model: model, options: way.options)
        let terms = used.layers.enumerated().flatMap { index, layer in
            let weight = 1 - 0.4 * Double(index)
            return [
                GradientPlan.Term(layer: layer.name, weight: weight),
                GradientPlan.Term(layer: layer.name, measure: .meanOfSquares, weight: 0.3 * weight),
            ]
        }
        var random = SplitMix64(seed: GeneratedWeights.fnv1a64(operation.testDescription))
        for round in 0..<4 {
            let height = operation.smallest + Int(random.next() % 14)
            let width = operation.smallest + Int(random.next() % 14)
            let input = picture(height, width, seed: "\(round)")
            let top = try #require(used.layers.last { $0.name == "top" })
            guard way.precision == .full || !used.nodes.contains(where: \.poolsPicture) else {
                #expect(throws: ModelError.self) {
                    try workspace.plan(terms, height: height, width: width, precision: way.precision)
                }
                continue
            }
            let plan = try workspace.plan(
                terms, height: height, width: width, precision: way.precision, keeping: [top.tensor])
            _ = plan.input.update(fromContentsOf: input)
            let value = plan.run()

            let tensors = naive.forward(
                input.map(Double.init), height: height, width: width, layers: used.layers.map(\.name))
            let expected = try #require(tensors[top.tensor]).values
            let found = try #require(plan.activations(of: top.tensor))
            let shape = "\(height)×\(width) \(operation.testDescription) \(way.testDescription)"
            expectClose(found, expected, way.tolerance, "activations of \(shape)")
            let objective = naive.objective(terms, tensors)
            let error = way.precision == .full ? 2e-5 * max(1, abs(objective)) : 1e-2 * abs(objective)
            #expect(abs(value - objective) <= error, "objective of \(shape)")
            let gradient = naive.gradient(
                terms, shapes: tensors, decisions: RecordedDecisions(plan: plan.lastDecisions))
            expectClose(Array(plan.gradient), gradient, way.tolerance, "gradient of \(shape)")
        }
    }

    @Test("keeping a layer above the objective's does not change the gradient", arguments: Way.all)
    func keptLayers(way: Way) throws {
        let chain: [VisionNet.Operation] = [
            .block("below", [.convolution("a", 16, kernel: 3)]),
            .block("top", [.convolution("b", 24, kernel: 3, stride: 2)], [.convolution("c", 8, kernel: 1, stride: 2)]),
        ]
        let graph = Graph(chain, inputChannels: 3, width: .full)
        let model = try VisionModel(name: "parts", graph: graph, smallestSide: 1, weights: RandomWeights())
        let top = try #require((way.options.fusesNodes ? model.fusedGraph : model.graph).layers.last)
        let input = picture(17, 19, seed: "kept")
        func gradient(keeping: Set<Int>) throws -> [Float] {
            let plan = try Workspace(model: model, options: way.options)
                .plan([.init(layer: "below")], height: 17, width: 19, precision: way.precision, keeping: keeping)
            _ = plan.input.update(fromContentsOf: input)
            plan.run()
            return withExtendedLifetime(plan) { Array(plan.gradient) }
        }
        let alone = try gradient(keeping: [])
        #expect(alone.contains { $0 != 0 })
        #expect(try gradient(keeping: [top.tensor]) == alone)
    }

    @Test("the naive backward pass is the slope of the naive forward pass", arguments: Case.small)
    func finiteDifferences(of operation: Case) throws {
        let graph = Graph(operation.chain, inputChannels: 3, width: .full)
        let naive = try NaiveNetwork(graph, weights: RandomWeights())
        let (height, width) = (operation.smallest + 4, operation.smallest + 5)
        let layers = graph.layers.map(\.name)
        let terms = layers.flatMap { layer in
            [GradientPlan.Term(layer: layer), GradientPlan.Term(layer: layer, measure: .meanOfSquares, weight: -0.3)]
        }
        let input = picture(height, width, seed: "slope").map(Double.init)
        let tensors = naive.forward(input, height: height, width: width, layers: layers)
        let gradient = naive.gradient(
            terms, shapes: tensors, decisions: NaiveDecisions(graph: graph, tensors: tensors))
        let largest = gradient.map(abs).max() ?? 0
        for index in stride(from: 0, to: input.count, by: 11) {
            func objective(_ step: Double) -> Double {
                var moved = input
                moved[index] += step
                return naive.objective(terms, naive.forward(moved, height: height, width: width, layers: layers))
            }
            let step = 1e-7
            let slope = (objective(step) - objective(-step)) / (2 * step)
            #expect(abs(slope - gradient[index]) < 1e-6 + 1e-4 * largest, "\(operation.testDescription) at \(index)")
        }
    }

    private func expectClose(
        _ found: [Float], _ expected: [Double], _ tolerance: Double, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(found.count == expected.count, "\(what)", sourceLocation: sourceLocation)
        let largest = expected.map(abs).max() ?? 0
        let wrong = zip(found, expected).enumerated().filter {
            !(abs(Double($1.0) - $1.1) <= tolerance * max(largest, 1e-9))
        }
        #expect(
            wrong.isEmpty, "\(what): \(wrong.count) of \(found.count) differ, first \(wrong.prefix(4).map { $0 })",
            sourceLocation: sourceLocation)
    }
}

extension Graph.Node {
    fileprivate var poolsPicture: Bool { if case .convolution = kind { false } else { input.tensor == 0 } }
}
