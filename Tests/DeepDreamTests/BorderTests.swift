import DeepDream
import Imaging
import ModelLibrary
import TestSupport
import Testing
import VisionNet

/// A network sees nothing beyond a picture's edge, so the gradient is weaker there. Long shifts before each step keep
/// that from becoming a dark frame.
@Suite("The border of a dream", .serialized)
struct BorderTests {
    static let pictures = ["plain", "noise", "photo"]

    private func picture(_ name: String) throws -> Image {
        let (width, height) = (320, 240)
        var random = SplitMix64(seed: 1)
        let pixels: [UInt8] =
            switch name {
            case "plain": [UInt8](repeating: 128, count: 3 * width * height)
            case "noise": (0..<3 * width * height).map { _ in UInt8.random(in: 0...255, using: &random) }
            default:
                try Fixtures.picture("dream_photo.ppm").resized(width: width, height: height, filter: .lanczos3).pixels
            }
        return Image(width: width, height: height, pixels: pixels)
    }

    /// How much the outer 8 pixels change, as a multiple of the change in the middle half of the rows and columns.
    private func relativeChangeOfBorder(_ photo: Image, _ recipe: Recipe, _ model: VisionModel) throws -> Double {
        let dream = try Dreamer(model: model).dream(photo, recipe: recipe)
        var border = (sum: 0, count: 0)
        var middle = (sum: 0, count: 0)
        for row in 0..<photo.height {
            for column in 0..<photo.width {
                let first = 3 * (row * photo.width + column)
                let change = (first..<first + 3).reduce(0) { $0 + abs(Int(dream.pixels[$1]) - Int(photo.pixels[$1])) }
                if min(row, photo.height - 1 - row, column, photo.width - 1 - column) < 8 {
                    border = (border.sum + change, border.count + 1)
                } else if abs(2 * row - photo.height) < photo.height / 2,
                    abs(2 * column - photo.width) < photo.width / 2
                {
                    middle = (middle.sum + change, middle.count + 1)
                }
            }
        }
        return Double(border.sum) / Double(border.count) / (Double(middle.sum) / Double(middle.count))
    }

    @Test("changes at least 0.8 times as much as the middle in the built-in network's dreams", arguments: pictures)
    func embedded(name: String) throws {
        let model = try VisionModel.embedded()
        var recipe = try Recipe.recommended(for: model)
        let photo = try picture(name)
        #expect(try relativeChangeOfBorder(photo, recipe, model) >= 0.8)
        recipe.jitter = 0
        #expect(try relativeChangeOfBorder(photo, recipe, model) < 0.8, "without shifts there is no frame to cure")
    }

    @Test(
        "changes at least 0.8 times as much as the middle in EfficientNet-Lite0's dreams",
        .enabled(if: EfficientNetTests.isThere, EfficientNetTests.comment),
        // What stands at a photo's edge matters as much as the edge itself, so other presets are held to the other two.
        arguments: pictures.map { ($0, "recommended") }
            + [("plain", "subtle"), ("noise", "subtle"), ("plain", "wild"), ("noise", "wild")])
    func efficientNet(name: String, preset: String) throws {
        let model = try ModelLibrary().model(named: EfficientNetTests.modelName)
        var recipe = try Recipe.recommended(for: model)
        try recipe.apply([("preset", preset)])
        #expect(try relativeChangeOfBorder(picture(name), recipe, model) >= 0.8)
    }
}
