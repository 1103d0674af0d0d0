import DeepDream
import HTTPServer

/// The contents of a `POST /deepdream` request: a photo and a recipe.
struct DreamRequest {
    /// The uploaded file, which is not checked yet.
    let upload: [UInt8]
    let recipe: Recipe

    /// Reads the recipe from a request's form and query, and the photo from the form. Each field can be in the form or
    /// the query, but not in both.
    ///
    /// - Parameters:
    ///   - catalog: the models that a request can name.
    ///   - defaultSize: the size of the dream if the request does not give one.
    /// - Throws: a `Problem` for the first field that is wrong.
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
        // A browser sends an empty file without a name if no file was chosen.
        guard let image = images.first, !(image.value.isEmpty && image.filename ?? "" == "") else {
            throw .noImage
        }
        upload = image.value
    }

    /// The recipe that `fields` give: they change the recommended recipe of the model that they name. Without a name,
    /// it is the default model, or one that the preset was made for.
    private static func recipe(
        of fields: [(name: String, value: String)], catalog: ModelCatalog, defaultSize: OutputSize
    ) throws(Problem) -> Recipe {
        do {
            func value(_ field: String) -> String? { fields.first { $0.name == field }?.value }
            let entry: ModelCatalog.Entry
            if let name = value("model") {
                entry = try catalog.entry(named: name)
            } else {
                entry = try catalog.entry(for: Preset.named(value("preset") ?? "recommended"))
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
