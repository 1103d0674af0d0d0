import DeepDream
import Imaging
import Testing
import VisionNet

/// Values at the edge of what a recipe allows.
@Suite("Recipes at their edges", .serialized)
struct RecipeEdgeTests {
    @Test("every band that a request may name gives a picture", arguments: ["1e-9", "1e-170", "1e-300"])
    func narrowBands(band: String) throws {
        let photo = Image(width: 80, height: 78, pixels: (0..<3 * 80 * 78).map { UInt8($0 * $0 % 251) })
        let dreamer = try Dreamer(model: .embedded())
        func dream(_ band: String) throws -> Image {
            var recipe = Recipe.plain(model: "embedded")
            try recipe.apply([("layers", "mixed1"), ("size", "original"), ("steps", "2"), ("bands", band)])
            return try dreamer.dream(photo, recipe: recipe)
        }
        // A blur this narrow changes nothing.
        #expect(try Fixtures.psnr(dream(band), dream("0")) > 50)
    }

    @Test("a recipe whose properties were set in code is checked before a dream")
    func handMade() throws {
        let photo = Image(width: 80, height: 78, pixels: [UInt8](repeating: 9, count: 3 * 80 * 78))
        var recipe = Recipe.plain(model: "embedded")
        (recipe.layers, recipe.steps) = ([], 1)
        #expect(throws: RecipeError.self) { try Dreamer(model: .embedded()).dream(photo, recipe: recipe) }
    }
}
