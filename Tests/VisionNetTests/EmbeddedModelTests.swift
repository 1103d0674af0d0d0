import Foundation
import TestSupport
import Testing
import VisionNet

/// The model that is built into the binary against TensorFlow in double precision.
@Suite("The embedded model", .serialized)
struct EmbeddedModelTests {
    struct Reference: Decodable {
        struct Layer: Decodable {
            let shapeHwc: [Int]
            let mean: Double
            let std: Double
            let first8At00: [Float]
            let center8: [Float]
        }

        struct Objective: Decodable {
            struct Pixel: Decodable {
                let row: Int
                let column: Int
                let gradient: [Float]
            }

            let layers: [String]
            let channels: Set<Int>?
            let diversity: Double
            let selectivity: Double
            let value: Double
            let gradientNorm: Double
            let gradientStd: Double
            let pixels: [Pixel]
        }

        let layers: [String: Layer]
        let objectives: [Objective]
    }

    static let (height, width) = (131, 160)

    private func picture() -> [Float] {
        var values: [Float] = []
        for h in 0..<Self.height {
            for w in 0..<Self.width {
                let phase = 0.1 * Double(h) + 0.2 * Double(w) + 0.001 * Double(h * w)
                values += (0..<3).map { Float(sin(phase + Double($0))) }
            }
        }
        return values
    }

    @Test("layers and objectives agree with double precision", arguments: Backend.allCases)
    func reference(backend: Backend) throws {
        let reference = try Fixtures.json("embedded_reference.json", as: Reference.self)
        let model = try VisionModel.embedded()
        let ids = Dictionary(uniqueKeysWithValues: model.fusedGraph.layers.map { ($0.name, $0.tensor) })
        #expect(Set(ids.keys) == Set(reference.layers.keys))
        let workspace = try Workspace(model: model, options: ComputeOptions(backend: backend, threads: 2))

        let all = try workspace.plan(
            [.init(layer: "mixed10")], height: Self.height, width: Self.width, keeping: Set(ids.values))
        _ = all.input.update(fromContentsOf: picture())
        all.run()
        for (name, layer) in reference.layers {
            let tensor = try #require(ids[name])
            let found = try #require(all.activations(of: tensor))
            let (height, width, channels) = (layer.shapeHwc[0], layer.shapeHwc[1], layer.shapeHwc[2])
            #expect(model.layers.first { $0.name == name }?.channels == channels)
            try #require(found.count == height * width * channels)
            let mean = found.reduce(0.0) { $0 + Double($1) } / Double(found.count)
            #expect(abs(mean - layer.mean) < 1e-5 * layer.std, "the mean of \(name)")
            let center = (height / 2 * width + width / 2) * channels
            let pixels = zip(found[0..<8] + found[center..<center + 8], layer.first8At00 + layer.center8)
            for (found, expected) in pixels {
                #expect(abs(found - expected) < 1e-4 * Float(layer.std), "\(name): \(found), \(expected)")
            }
        }

        for objective in reference.objectives {
            let plan = try workspace.plan(terms(of: objective), height: Self.height, width: Self.width)
            _ = plan.input.update(fromContentsOf: picture())
            #expect(
                abs(plan.run() / objective.value - 1) < 1e-6,
                "diversity \(objective.diversity), selectivity \(objective.selectivity)")
        }
    }

    private func terms(of objective: Reference.Objective) -> [GradientPlan.Term] {
        objective.layers.map {
            GradientPlan.Term(
                layer: $0, channels: objective.channels, diversity: objective.diversity,
                selectivity: objective.selectivity)
        }
    }

    /// Rounding may flip a close decision, depending on the processor, so gradients are compared in two steps: double
    /// precision here with TensorFlow's, and the plan's with double precision that follows the plan's decisions.
    @Test("gradients agree with double precision")
    func gradients() throws {
        let reference = try Fixtures.json("embedded_reference.json", as: Reference.self)
        #expect(reference.objectives.map(\.diversity) == [0, 0.5, 1, 0, 0.5])
        #expect(reference.objectives.map(\.selectivity) == [0, 0, 0, 0.5, 1])
        let model = try VisionModel.embedded()
        let graph = model.fusedGraph
        let naive = try NaiveNetwork(graph, weights: SafetensorsFile.embedded())
        let tensors = naive.forward(
            picture().map(Double.init), height: Self.height, width: Self.width,
            layers: Array(Set(reference.objectives.flatMap(\.layers))))
        let workspaces = try Backend.allCases.map { backend in
            try Workspace(model: model, options: ComputeOptions(backend: backend, threads: 2))
        }
        for objective in reference.objectives {
            let terms = terms(of: objective)
            let what = "diversity \(objective.diversity), selectivity \(objective.selectivity)"
            let exact = naive.gradient(
                terms, shapes: tensors, decisions: NaiveDecisions(graph: graph, tensors: tensors))
            let norm = exact.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(norm / objective.gradientNorm - 1) < 1e-5, "\(what)")
            for pixel in objective.pixels {
                let first = (pixel.row * Self.width + pixel.column) * 3
                for (found, expected) in zip(exact[first..<first + 3], pixel.gradient) {
                    #expect(
                        abs(found - Double(expected)) < 1e-4 * objective.gradientStd,
                        "\(what), the gradient at \(pixel.row), \(pixel.column): \(found), \(expected)")
                }
            }
            let kept = try #require(graph.layers.first { $0.name == objective.layers.first }).tensor
            for workspace in workspaces {
                let plan = try workspace.plan(terms, height: Self.height, width: Self.width, keeping: [kept])
                _ = plan.input.update(fromContentsOf: picture())
                plan.run()
                let fixed = naive.gradient(
                    terms, shapes: tensors, decisions: RecordedDecisions(plan: plan.lastDecisions))
                let error = Comparison(Array(plan.gradient), fixed.map(Float.init))
                #expect(error.rmsOverDeviation <= 2e-5, "\(workspace.options.backend), \(what): \(error)")
            }
        }
    }

    @Test(
        "gradients are right for any size and aspect ratio from 75×75 up",
        arguments: [
            (75, 75), (75, 76), (76, 75), (77, 300), (512, 75), (83, 94), (99, 100),
        ])
    func sizes(height: Int, width: Int) throws {
        let model = try VisionModel.embedded()
        let terms = [GradientPlan.Term(layer: "mixed10"), GradientPlan.Term(layer: "mixed0", weight: -1)]
        let naive = try NaiveNetwork(model.fusedGraph, weights: SafetensorsFile.embedded())
        let shapes = naive.shapes(height: height, width: width, layers: terms.map(\.layer))
        let kept = try #require(model.fusedGraph.layers.first { $0.name == "mixed10" }).tensor
        for backend in Backend.allCases {
            let workspace = try Workspace(model: model, options: ComputeOptions(backend: backend))
            let plan = try workspace.plan(terms, height: height, width: width, keeping: [kept])
            for index in plan.input.indices { plan.input[index] = Float(index * index % 7919) / 3959 - 1 }
            plan.run()
            let found = Array(plan.gradient)
            #expect(found.contains { $0 != 0 })
            let expected = naive.gradient(
                terms, shapes: shapes, decisions: RecordedDecisions(plan: plan.lastDecisions))
            let error = Comparison(found, expected.map(Float.init))
            #expect(error.rmsOverDeviation <= 2e-5, "\(backend): \(error)")
        }
    }

    @Test("a picture too small is refused", arguments: [(74, 75), (75, 74), (1, 1), (0, 0), (-1, 100)])
    func tooSmall(height: Int, width: Int) throws {
        let workspace = try Workspace(model: .embedded())
        #expect(throws: ModelError.inputTooSmall(width: width, height: height, minimum: 75)) {
            try workspace.plan([.init(layer: "mixed0")], height: height, width: width)
        }
    }
}
