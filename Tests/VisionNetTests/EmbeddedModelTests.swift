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

        let layers: [String: Layer]
        let lossMixed3PlusMixed5: Double
        let gradient: [String: Value]
    }

    /// A number or a pixel.
    enum Value: Decodable {
        case number(Double)
        case pixel([Float])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = .pixel(try container.decode([Float].self))
            }
        }
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

    @Test("layers, objective and gradient are double precision's", arguments: Backend.allCases)
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

        let plan = try workspace.plan(
            [.init(layer: "mixed3"), .init(layer: "mixed5")], height: Self.height, width: Self.width)
        _ = plan.input.update(fromContentsOf: picture())
        #expect(abs(plan.run() / reference.lossMixed3PlusMixed5 - 1) < 1e-6)
        guard case .number(let norm) = reference.gradient["norm"], case .number(let std) = reference.gradient["std"] else {
            Issue.record("the reference has no norm")
            return
        }
        let squares = plan.gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(squares.squareRoot() / norm - 1) < 1e-3)
        for (key, (h, w)) in ["at_0_0": (0, 0), "at_40_50": (40, 50), "at_130_159": (130, 159)] {
            guard case .pixel(let expected) = reference.gradient[key] else {
                Issue.record("the reference has no \(key)")
                continue
            }
            let first = (h * Self.width + w) * 3
            for (found, expected) in zip(plan.gradient[first..<first + 3], expected) {
                #expect(abs(Double(found - expected)) < 1e-3 * std, "the gradient at \(h), \(w): \(found), \(expected)")
            }
        }
    }

    @Test("any size and aspect ratio from 75×75 up gives a gradient", arguments: [
        (75, 75), (75, 76), (76, 75), (77, 300), (512, 75), (83, 94), (99, 100),
    ])
    func sizes(height: Int, width: Int) throws {
        let model = try VisionModel.embedded()
        let terms = [GradientPlan.Term(layer: "mixed10"), GradientPlan.Term(layer: "mixed0", weight: -1)]
        var gradients: [[Float]] = []
        for backend in Backend.allCases {
            let workspace = try Workspace(model: model, options: ComputeOptions(backend: backend))
            let plan = try workspace.plan(terms, height: height, width: width)
            for index in plan.input.indices { plan.input[index] = Float(index * index % 7919) / 3959 - 1 }
            plan.run()
            gradients.append(Array(plan.gradient))
        }
        #expect(gradients[0].contains { $0 != 0 })
        // Two ways of rounding, which may decide a close ReLU differently.
        #expect(Comparison(gradients[1], gradients[0]).relativeNorm < 2e-2)
    }

    @Test("a picture too small is refused", arguments: [(74, 75), (75, 74), (1, 1), (0, 0), (-1, 100)])
    func tooSmall(height: Int, width: Int) throws {
        let workspace = try Workspace(model: .embedded())
        #expect(throws: ModelError.inputTooSmall(width: width, height: height, minimum: 75)) {
            try workspace.plan([.init(layer: "mixed0")], height: height, width: width)
        }
    }
}
