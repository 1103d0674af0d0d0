import DeepDream
import Imaging
import Testing

@Suite("Fields of the picture's file")
struct PictureFieldsTests {
    /// A field, a value, and its canonical form.
    private static let allowed: [(String, String, String)] = [
        ("keep", "gray", "gray"), ("keep", "depth,alpha", "alpha,depth"), ("keep", "none", "none"),
        ("background", "white", "white"), ("background", "black", "000000"), ("background", "FF8800", "ff8800"),
        ("background", "ffffff", "white"), ("metadata", "keep", "keep"), ("damaged", "accept", "accept"),
        ("format", "png", "png"),
    ]

    private static let refused: [(String, String)] = [
        ("keep", ""), ("keep", "gray,gray"), ("keep", "gray,"), ("keep", "grey"), ("background", "#ffffff"),
        ("background", "fff"), ("background", "gggggg"), ("background", "+fffff"), ("metadata", "all"),
        ("damaged", "yes"), ("format", "gif"), ("format", "heic"), ("format", "JPEG"),
    ]

    @Test("Values are read and written back", arguments: Self.allowed)
    func values(field: String, text: String, canonical: String) throws {
        var recipe = Recipe.plain(model: "m")
        try recipe.apply([(field, text)])
        #expect(recipe.canonical.split(separator: "&").contains("\(field)=\(canonical)"))
        var again = Recipe.plain(model: "m")
        try again.apply([(field, canonical)])
        #expect(again == recipe)
    }

    @Test("Other values are refused", arguments: Self.refused)
    func refusals(field: String, text: String) {
        var recipe = Recipe.plain(model: "m")
        #expect(throws: RecipeError.self) { try recipe.apply([(field, text)]) }
    }

    @Test("A preset that starts plain leaves the file's fields alone")
    func preset() throws {
        var recipe = Recipe.plain(model: "m")
        let fields: [(name: String, value: String)] = [
            ("format", "png"), ("keep", "alpha"), ("background", "102030"), ("metadata", "keep"), ("damaged", "accept"),
        ]
        try recipe.apply(fields)
        let before = recipe
        try recipe.apply([("preset", "classic")])
        #expect((recipe.keep, recipe.background) == (before.keep, before.background))
        #expect((recipe.metadata, recipe.damaged, recipe.format) == (before.metadata, before.damaged, before.format))
    }

    @Test("A photo is decoded at no more than the dream needs, and the answer keeps what was asked for")
    func options() throws {
        var recipe = Recipe.plain(model: "m")
        try recipe.apply([("size", "max:300"), ("keep", "alpha"), ("format", "png"), ("metadata", "keep")])
        let info = ImageInfo(format: .jpeg, width: 4000, height: 3000)
        let options = recipe.decodingOptions(for: info)
        #expect(try #require(options.needed) == (300, 225))
        #expect(options.keepsAlpha && options.keepsProfile && !options.acceptsDamage)
        recipe.format = .jpeg
        #expect(!recipe.decodingOptions(for: info).keepsAlpha)
    }
}
