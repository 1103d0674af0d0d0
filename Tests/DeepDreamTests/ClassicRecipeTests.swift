import DeepDream
import Foundation
import Imaging
import TestSupport
import Testing
import VisionNet

/// The old Flask program's recipe on the full-width network, against TensorFlow in double precision. Dreams are
/// chaotic, so their errors are compared with those of TensorFlow's own float32 pictures.
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
    let weights: GeneratedWeights
    let model: VisionModel

    init() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let json = TestFiles.fixture("inception_v3_reference.json", of: "VisionNetTests")
        reference = try decoder.decode(Reference.self, from: Data(contentsOf: json))
        let statistics = TestFiles.fixture("inception_v3_calibration.safetensors", of: "VisionNetTests")
        weights = GeneratedWeights(statistics: try SafetensorsFile(path: statistics.path))
        model = try VisionModel(name: "generated", width: .full, weights: weights)
    }

    /// The photo after steps of the classic recipe, and the objective before the last of them.
    private func dream(
        steps: Int, _ model: VisionModel, _ options: ComputeOptions = ComputeOptions(), _ precision: Precision = .full
    ) throws -> (dream: Image, objective: Double) {
        let photo = try PortablePixmap(contentsOf: TestFiles.fixture("coffee_225x225.ppm", of: "VisionNetTests"))
        var recipe = Recipe.plain(model: model.name)
        try recipe.apply([("preset", "classic"), ("layers", "mixed3,mixed5")])
        (recipe.steps, recipe.precision) = (steps, precision)
        var objective = 0.0
        let dream = try Dreamer(model: model, options: options)
            .dream(Image(width: 225, height: 225, pixels: photo.pixels), recipe: recipe) { objective = $0.objective }
        return (dream, objective)
    }

    /// How close a picture is to double precision's, and how close it has to be, in dB.
    ///
    /// One close ReLU or max-pool decision that rounding flips changes the picture; which ones flip depends on the
    /// order of sums and so, for OpenBLAS, on the processor. TensorFlow's own float32 pictures differ in this way, too.
    /// So the error may be twice that of the worse one of them in root mean square, which is 6 dB.
    private func closeness(of dream: Image, steps: Int) throws -> (found: Double, least: Double) {
        let expected = try PortablePixmap(
            contentsOf: TestFiles.fixture("coffee_after_\(steps)_steps.ppm", of: "VisionNetTests"))
        let noise = reference.tensorflow.values.compactMap { $0.pictures["\(steps)"]?.psnr8Bit }
        return (
            psnr(dream.pixels.map(Float.init), expected.pixels.map(Float.init), peak: 255),
            try #require(noise.min()) - 20 * log10(2)
        )
    }

    @Test("the classic recipe's pictures are as close to double precision's as TensorFlow's", arguments: Way.allCases)
    func pictures(way: Way) throws {
        for steps in [1, 10, 100] {
            let (dream, objective) = try dream(steps: steps, model, way.options)
            let (found, least) = try closeness(of: dream, steps: steps)
            #expect(found >= least, "\(steps) steps: \(found) dB, at least \(least) dB are needed")
            if steps == 100 {
                // The objective is reported before each step, so this is the one after 99.
                let after = try #require(reference.objectiveAfterSteps["100"])
                #expect(abs(objective / after - 1) < 0.02, "objective \(objective), double precision's is \(after)")
            }
        }
    }

    /// Weights with the first two taps of one kernel exchanged, as a wrong backward pass might use them.
    private struct ExchangedTaps: WeightSource {
        let base: GeneratedWeights
        let kernel: String

        func contains(_ name: String) -> Bool { base.contains(name) }
        func check(_ name: String, shape: [Int]) throws { try base.check(name, shape: shape) }
        func tensor(named name: String, shape: [Int]) throws -> [Float] {
            let values = try base.tensor(named: name, shape: shape)
            guard name == kernel else { return values }
            let tap = shape[2] * shape[3]
            return Array(values[tap..<2 * tap] + values[..<tap] + values[(2 * tap)...])
        }
    }

    @Test(
        "a gradient with two exchanged taps in one kernel is noticed after one step",
        arguments: ["mixed1.branch3x3dbl_2.kernel", "mixed3.branch3x3.kernel", "mixed5.branch7x7_2.kernel"])
    func wrongGradient(kernel: String) throws {
        let wrong = try VisionModel(
            name: "wrong", width: .full, weights: ExchangedTaps(base: weights, kernel: kernel))
        let (found, least) = try closeness(of: dream(steps: 1, wrong).dream, steps: 1)
        #expect(found < least - 10, "\(found) dB, only \(least) dB are needed")
    }

    @Test("fast steps climb as high as double precision's", .enabled(if: Precision.fast.isAvailable))
    func fastObjective() throws {
        let objective = try dream(steps: 100, model, ComputeOptions(), .fast).objective
        let after = try #require(reference.objectiveAfterSteps["100"])
        #expect(abs(objective / after - 1) < 0.03, "objective \(objective), double precision's is \(after)")
    }
}
