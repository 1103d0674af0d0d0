import DeepDream
import DreamService
import Foundation
import Testing

/// The documents agree with the program.
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

    @Test("the changelog has a section for the current version")
    func version() throws {
        let headings = try text(of: "CHANGELOG.md").split(separator: "\n").filter { $0.hasPrefix("## ") }
        let versions = headings.map { $0.dropFirst(3).prefix { $0 != " " }.trimmingCharacters(in: ["[", "]"]) }
        #expect(versions.contains(Version.current))
    }

    @Test("the image's label has the current version")
    func imageLabel() throws {
        #expect(try text(of: "Dockerfile").contains("org.opencontainers.image.version=\"\(Version.current)\""))
    }
}
