import DeepDream
import Foundation
import Imaging
import Testing
import VisionNet

/// Whole dreams against double precision, for what recipes say beside octaves and bands;
/// `Fixtures/make_vocabulary_reference.py` made them.
@Suite("The vocabulary of recipes against double precision", .serialized)
struct VocabularyReferenceTests {
    struct Reference: Decodable {
        let recipe: [String: String]
        /// Before each step.
        let objectives: [Double]
    }

    static let names = ["shaped", "kept", "restored", "noise", "guided"]

    @Test("a dream is as its recipe says", arguments: names, Backend.allCases)
    func dream(name: String, backend: Backend) throws {
        let references = try JSONDecoder().decode(
            [String: Reference].self, from: Data(contentsOf: Fixtures.url("vocabulary.json")))
        let reference = try #require(references[name])
        let model = try VisionModel.embedded()
        var recipe = Recipe.plain(model: model.name)
        try recipe.apply(reference.recipe.map { ($0.key, $0.value) })
        var inputs = DreamInputs()
        if name != "noise" {
            inputs.photo = try Fixtures.picture(
                name == "restored" ? "vocabulary_large_photo.ppm" : "vocabulary_photo.ppm")
        }
        if name == "kept" { inputs.mask = try Fixtures.picture("vocabulary_mask.ppm") }
        if name == "guided" { inputs.guide = try Fixtures.picture("vocabulary_guide.ppm") }
        let expected = try Fixtures.picture("vocabulary_\(name).ppm")

        var objectives: [Double] = []
        let dream = try Dreamer(model: model, options: ComputeOptions(backend: backend, threads: 2))
            .dream(inputs, recipe: recipe) { objectives.append($0.objective) }

        #expect((dream.width, dream.height) == (expected.width, expected.height))
        #expect(objectives.count == reference.objectives.count)
        for (step, (found, expected)) in zip(objectives, reference.objectives).enumerated() {
            #expect(abs(found / expected - 1) <= 1e-4, "step \(step): \(found), \(expected)")
        }
        // The pictures differ only in values that are rounded the other way.
        let found = Fixtures.psnr(dream, expected)
        #expect(found >= 58, "\(found) dB")
    }
}
