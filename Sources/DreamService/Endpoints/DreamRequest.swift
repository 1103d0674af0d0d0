import DeepDream
import HTTPServer

/// What a request to dream asks for: the photo and the recipe.
struct DreamRequest {
    /// The uploaded file, not yet looked at.
    let upload: [UInt8]
    let recipe: Recipe

    /// Reads a request's form and query. A field may stand in either, but once.
    ///
    /// - Parameters:
    ///   - catalog: the models a request may name.
    ///   - defaultSize: the size where the request names none.
    /// - Throws: the `Problem` with the first field that is wrong.
    init(_ request: Request, catalog: ModelCatalog, defaultSize: OutputSize) throws(Problem) {
        let images = request.form.filter { $0.name == "image" }
        guard images.count <= 1 else { throw .repeatedImage }
        var fields: [(name: String, value: String)] = request.head.query
        for field in request.form where field.name != "image" {
            guard Recipe.fieldNames.contains(field.name) else {
                throw Problem(RecipeError.unknownField(name: field.name, allowed: Recipe.fieldNames))
            }
            guard let value = String(validating: field.value, as: UTF8.self) else {
                throw .notText(field: field.name)
            }
            fields.append((field.name, value))
        }
        recipe = try Self.recipe(of: fields, catalog: catalog, defaultSize: defaultSize)
        // A browser sends an empty file where none was chosen.
        guard let image = images.first, !(image.value.isEmpty && image.filename ?? "" == "") else {
            throw .noImage
        }
        upload = image.value
    }

    /// The recommended recipe of the model that `fields` name, or of the default, changed as they say.
    private static func recipe(
        of fields: [(name: String, value: String)], catalog: ModelCatalog, defaultSize: OutputSize
    ) throws(Problem) -> Recipe {
        do {
            var entry = catalog.defaultEntry
            if let name = fields.first(where: { $0.name == "model" })?.value {
                entry = try catalog.entry(named: name)
            }
            var recipe = entry.recommended
            recipe.size = defaultSize
            try recipe.apply(fields)
            try recipe.validate(for: entry.model)
            return recipe
        } catch {
            throw Problem(error)
        }
    }
}
