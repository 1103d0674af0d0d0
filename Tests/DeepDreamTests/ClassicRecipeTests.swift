import DeepDream
import Foundation
import Imaging
import TestSupport
import Testing
import VisionNet

/// The old program's recipe on the full-width network, against TensorFlow in double precision. A dream is chaotic, so
/// the bar is how near TensorFlow's own float32 pictures come.
@Suite("The classic recipe at the published width", .serialized)
struct ClassicRecipeTests {
    struct Reference: Decodable {
        struct Picture: Decodable {
            let psnr8Bit: Double
        }
        struct Noise: Decodable {
            let pictures: [String: Picture]
        }

        let objectiveAfterSteps: [String: Double]
        let tensorflow: [String: Noise]
    }

    enum Way: String, CaseIterable, CustomTestStringConvertible {
        case openblas = "OpenBLAS"
        case direct, winograd = "Winograd"

        var testDescription: String { rawValue }

        var options: ComputeOptions {
            var options = ComputeOptions(backend: self == .openblas ? .openblas : .native)
            options.usesWinograd = self == .winograd
            return options
        }
    }

    let reference: Reference
    let model: VisionModel

    init() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let json = TestFiles.fixture("inception_v3_reference.json", of: "VisionNetTests")
        reference = try decoder.decode(Reference.self, from: Data(contentsOf: json))
        let statistics = TestFiles.fixture("inception_v3_calibration.safetensors", of: "VisionNetTests")
        model = try VisionModel(
            name: "generated", width: .full,
            weights: GeneratedWeights(statistics: SafetensorsFile(path: statistics.path)))
    }

    @Test("the classic recipe's pictures are as close to double precision's as TensorFlow's", arguments: Way.allCases)
    func pictures(way: Way) throws {
        let photo = try PortablePixmap(contentsOf: TestFiles.fixture("coffee_225x225.ppm", of: "VisionNetTests"))
        var recipe = Recipe.plain(model: model.name)
        try recipe.apply([("preset", "classic"), ("layers", "mixed3,mixed5")])
        let dreamer = try Dreamer(model: model, options: way.options)
        for steps in [1, 10, 100] {
            recipe.steps = steps
            var objective = 0.0
            let dream = try dreamer.dream(Image(width: 225, height: 225, pixels: photo.pixels), recipe: recipe) {
                objective = $0.objective
            }
            let expected = try PortablePixmap(
                contentsOf: TestFiles.fixture("coffee_after_\(steps)_steps.ppm", of: "VisionNetTests"))
            let found = psnr(dream.pixels.map(Float.init), expected.pixels.map(Float.init), peak: 255)
            let noise = reference.tensorflow.values.compactMap { $0.pictures["\(steps)"]?.psnr8Bit }
            let worst = try #require(noise.min())
            #expect(found >= worst - 2, "\(steps) steps: \(found) dB; TensorFlow float32 has \(worst) dB")
            if steps == 100 {
                // The objective is reported before each step, so this is the one after 99.
                let after = try #require(reference.objectiveAfterSteps["100"])
                #expect(abs(objective / after - 1) < 0.02, "objective \(objective), double precision's is \(after)")
            }
        }
    }

    @Test("fast steps climb as high as double precision's", .enabled(if: Precision.fast.isAvailable))
    func fastObjective() throws {
        let photo = try PortablePixmap(contentsOf: TestFiles.fixture("coffee_225x225.ppm", of: "VisionNetTests"))
        var recipe = Recipe.plain(model: model.name)
        try recipe.apply([("preset", "classic"), ("layers", "mixed3,mixed5"), ("precision", "fast")])
        var objective = 0.0
        _ = try Dreamer(model: model).dream(Image(width: 225, height: 225, pixels: photo.pixels), recipe: recipe) {
            objective = $0.objective
        }
        let after = try #require(reference.objectiveAfterSteps["100"])
        #expect(abs(objective / after - 1) < 0.03, "objective \(objective), double precision's is \(after)")
    }
}
