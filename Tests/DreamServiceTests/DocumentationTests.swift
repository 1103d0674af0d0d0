import DeepDream
import DreamService
import Foundation
import Testing

/// What the documents say of the program's tables is what the tables say.
@Suite struct DocumentationTests {
    private func text(of path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("the README's table has every field of a recipe", arguments: Recipe.fields)
    func fields(field: RecipeField) throws {
        let readme = try text(of: "README.md")
        #expect(readme.contains("| `\(field.name)` | \(field.summary) | \(field.allowed) |\n"))
    }

    @Test("the README names every preset", arguments: Preset.all)
    func presets(preset: Preset) throws {
        let readme = try text(of: "README.md")
        #expect(readme.contains("`\(preset.name)`"))
    }
}
