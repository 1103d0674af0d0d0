import DeepDream

/// A size alone, spelled as in a recipe.
extension OutputSize {
    private static let field = Recipe.fields.first { $0.name == "size" }

    /// What a size may be, for help texts and errors.
    static let allowedText = field?.allowed ?? ""

    init?(text: String) {
        var recipe = Recipe.plain(model: "")
        guard Self.field?.set(&recipe, text) == true else { return nil }
        self = recipe.size
    }

    var text: String {
        var recipe = Recipe.plain(model: "")
        recipe.size = self
        return Self.field?.text(recipe) ?? ""
    }
}
