import DeepDream
import HTTPServer

/// The contents of a `POST /deepdream` request: a photo and a recipe.
struct DreamRequest {
    /// The uploaded file, which is not checked yet.
    let upload: [UInt8]
    /// The files `mask` and `guide`, which are not checked either; nil without.
    let mask, guide: [UInt8]?
    let recipe: Recipe

    /// The fields that are files.
    static let fileNames = ["image", "mask", "guide"]

    /// Reads the recipe from a request's form and query, and the photo from the form. Each field can be in the form or
    /// the query, but not in both.
    ///
    /// - Parameters:
    ///   - catalog: the models that a request can name.
    ///   - defaultSize: the size of the dream if the request does not give one.
    /// - Throws: a `Problem` for the first field that is wrong.
    init(_ request: Request, catalog: ModelCatalog, defaultSize: OutputSize) throws(Problem) {
        var files: [String: [UInt8]] = [:]
        for field in request.form where Self.fileNames.contains(field.name) {
            // A browser sends an empty file without a name if no file was chosen.
            if field.value.isEmpty, field.filename ?? "" == "" { continue }
            guard files.updateValue(field.value, forKey: field.name) == nil else {
                throw .repeatedFile(field: field.name)
            }
        }
        var fields: [(name: String, value: String)] = request.head.query
        for field in request.form where !Self.fileNames.contains(field.name) {
            guard Recipe.fieldNames.contains(field.name) else {
                throw Problem(RecipeError.unknownField(name: field.name, allowed: Recipe.fieldNames))
            }
            guard let value = String(validating: field.value, as: UTF8.self) else {
                throw .notText(field: field.name)
            }
            fields.append((field.name, value))
        }
        recipe = try Self.recipe(of: fields, catalog: catalog, defaultSize: defaultSize)
        (mask, guide) = (files["mask"], files["guide"])
        if files["image"] == nil, recipe.from == .photo { throw .noImage }
        upload = files["image"] ?? []
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
