import DeepDream
import HTTPServer
import Imaging

/// The contents of a `POST /deepdream` request: a photo and a recipe, and how its answer should be.
struct DreamRequest {
    /// The uploaded photo, which is not checked yet; nil for dreams from noise.
    let image: UploadedFile?
    /// The files `mask` and `guide`, which are not checked either; nil without.
    let mask, guide: UploadedFile?
    let recipe: Recipe
    let answer: AnswerType
    /// The address that is told of a job's end, which is not checked yet.
    let callback: String?

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
        let callbacks = fields.texts.filter { $0.name == "callback" }
        guard callbacks.count < 2 else { throw Problem(RecipeError.repeatedField(name: "callback")) }
        callback = callbacks.first?.value
        let (texts, given) = try Self.withRecipe(fields)
        var recipe = try Self.recipe(of: texts, catalog: catalog, defaultSize: defaultSize)
        (image, mask, guide) = (fields.files["image"], fields.files["mask"], fields.files["guide"])
        // The size of another dream is only for photos of its shape.
        if given.contains("size"), let image, let info = try? ImageDecoder().inspect(image.bytes) {
            recipe.size = recipe.size.fitting(width: info.width, height: info.height)
        }
        // Where the client takes everything, it gets the format of the dream whose recipe it sends.
        let usual: [AnswerType] = given.contains("format") ? [.picture(recipe.format)] : []
        answer = try AnswerType.wanted(
            accept: request.head.headers.values(of: "Accept"),
            format: fields.texts.contains { $0.name == "format" } ? recipe.format : nil,
            of: usual + AnswerType.offers.filter { !usual.contains($0) })
        if case .picture(let format) = answer { recipe.format = format }
        self.recipe = recipe
        if image == nil, recipe.from == .photo { throw .noImage }
    }

    /// The fields of a request together with those of the recipe in its field `recipe`, which all others override.
    ///
    /// - Returns: all fields, and the names of those that come from that recipe.
    private static func withRecipe(
        _ fields: RequestFields
    ) throws(Problem) -> (texts: [(name: String, value: String)], given: Set<String>) {
        let own = fields.texts.filter { !["recipe", "callback"].contains($0.name) }
        guard let text = try recipeText(of: fields) else { return (own, []) }
        if let preset = own.first(where: { $0.name == "preset" }) {
            throw Problem(
                RecipeError.contradiction(
                    field: "preset", value: preset.value, reason: "there is a recipe, which decides all other fields"))
        }
        let given = Recipe.pairs(of: text).filter { pair in !own.contains { $0.name == pair.name } }
        return (given + own, Set(given.map(\.name)))
    }

    /// The text of the field `recipe`, which can be a dream's file or the text itself; nil without the field.
    private static func recipeText(of fields: RequestFields) throws(Problem) -> String? {
        let texts = fields.texts.filter { $0.name == "recipe" }.map(\.value)
        let file = fields.files["recipe"]
        guard texts.count + (file == nil ? 0 : 1) <= 1 else {
            throw Problem(RecipeError.repeatedField(name: "recipe"))
        }
        guard let file else {
            guard let text = texts.first else { return nil }
            guard text.utf8.count <= Recipe.longestText, text.contains("=") else { throw .noRecipe(text) }
            return text
        }
        if let record = DreamRecord(of: file.bytes) { return record.recipe }
        guard file.bytes.count <= Recipe.longestText, let text = String(validating: file.bytes, as: UTF8.self),
            text.contains("=")
        else { throw .noRecipe(file.name ?? "a file") }
        return String(text.trimmingPrefix { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
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
                entry = try catalog.entry(
                    for: Preset.named(value("preset") ?? "recommended", of: catalog.presets))
            }
            var recipe = entry.recommended
            recipe.size = defaultSize
            try recipe.apply(fields, presets: catalog.presets)
            try recipe.validate(for: entry.model)
            return recipe
        } catch {
            throw Problem(error)
        }
    }
}

extension Problem {
    /// The field `recipe` has none.
    fileprivate static func noRecipe(_ value: String) -> Problem {
        Problem(
            RecipeError.invalidValue(
                field: "recipe", value: value,
                allowed:
                    "the file of a dream that still has its recipe, or the recipe's text, such as steps=10&seed=7, of "
                    + "at most \(Recipe.longestText) bytes")
        )
    }
}
