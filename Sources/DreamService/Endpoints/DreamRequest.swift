import DeepDream
import HTTPServer

/// The contents of a `POST /deepdream` request: a photo and a recipe, and how its answer should be.
struct DreamRequest {
    /// The uploaded photo, which is not checked yet; nil for dreams from noise.
    let image: UploadedFile?
    /// The files `mask` and `guide`, which are not checked either; nil without.
    let mask, guide: UploadedFile?
    let recipe: Recipe
    let answer: AnswerType

    /// All files' bytes, by the names of their fields.
    var files: [String: [UInt8]] {
        ["image": image, "mask": mask, "guide": guide].compactMapValues { $0?.bytes }
    }

    /// Reads the photo and the recipe from a request's body and query. Each field can be in one of them, but not in
    /// both.
    ///
    /// - Parameters:
    ///   - catalog: the models that a request can name.
    ///   - defaultSize: the size of the dream if the request does not give one.
    /// - Throws: a `Problem` for the first field that is wrong.
    init(_ request: Request, catalog: ModelCatalog, defaultSize: OutputSize) throws(Problem) {
        let fields = try RequestFields(request, .dream)
        var recipe = try Self.recipe(of: fields.texts, catalog: catalog, defaultSize: defaultSize)
        answer = try AnswerType.wanted(
            accept: request.head.headers.values(of: "Accept"),
            format: fields.texts.contains { $0.name == "format" } ? recipe.format : nil)
        if case .picture(let format) = answer { recipe.format = format }
        self.recipe = recipe
        (image, mask, guide) = (fields.files["image"], fields.files["mask"], fields.files["guide"])
        if image == nil, recipe.from == .photo { throw .noImage }
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
