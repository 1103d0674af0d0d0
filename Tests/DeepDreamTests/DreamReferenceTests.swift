import DeepDream
import Foundation
import Imaging
import Testing
import VisionNet

/// Whole dreams of the embedded model against double precision; `Fixtures/make_dream_reference.py` made them.
@Suite("Dreams against double precision", .serialized)
struct DreamReferenceTests {
    struct Reference: Decodable {
        let recipe: [String: String]
        /// Before each step.
        let objectives: [Double]
    }

    static let names = ["bands", "octaves", "extremes", "smaller", "colors"]

    @Test("octaves, shifts, bands and sizes are as the recipe says", arguments: names, Backend.allCases)
    func dream(name: String, backend: Backend) throws {
        let references = try JSONDecoder().decode(
            [String: Reference].self, from: Data(contentsOf: Fixtures.url("dreams.json")))
        let reference = try #require(references[name])
        let model = try VisionModel.embedded()
        var recipe = Recipe.plain(model: model.name)
        try recipe.apply(reference.recipe.map { ($0.key, $0.value) })
        let photo = try Fixtures.picture("dream_photo.ppm")
        let expected = try Fixtures.picture("dream_\(name).ppm")

        var objectives: [Double] = []
        let dream = try Dreamer(model: model, options: ComputeOptions(backend: backend, threads: 2))
            .dream(photo, recipe: recipe) { objectives.append($0.objective) }

        #expect((dream.width, dream.height) == (expected.width, expected.height))
        #expect(objectives.count == reference.objectives.count)
        // After few steps on few pixels, the pictures differ only in a few values that are rounded the other way. If
        // the photo is resized first, its own rounding to 8 bits adds to that.
        let isResized = name == "smaller"
        for (step, (found, expected)) in zip(objectives, reference.objectives).enumerated() {
            #expect(abs(found / expected - 1) <= (isResized ? 1e-3 : 1e-4), "step \(step): \(found), \(expected)")
        }
        let found = Fixtures.psnr(dream, expected)
        #expect(found >= (isResized ? 48 : 60), "\(found) dB")
    }
}
