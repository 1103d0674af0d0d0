import ArgumentParser
import DeepDream
import Imaging
import VisionNet

struct DreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dream",
        abstract: "Turns one photo into a dream.",
        discussion: """
            Where no option is given, the recipe that the model recommends is used. The whole recipe is printed to \
            standard error, so that you can repeat or vary it.

              deepdream dream photo.jpg dream.jpg
              deepdream dream photo.jpg dream.png --size original --seed 7
              deepdream dream photo.jpg dream.jpg --layers mixed3:0.5,mixed6 --octaves 6 --steps 40
              deepdream dream photo.jpg dream.jpg --preset classic
              curl -s https://example.org/photo.jpg | deepdream dream - - > dream.jpg
            """)

    @Argument(help: "the photo, a picture's file; - for standard input") var input: String
    @Argument(help: "the dream, a .jpg, .png, .webp or .avif file; - for standard output") var output: String

    @Option(help: "the model: a name or a file (default: efficientnet_lite0 if it is installed, otherwise embedded)")
    var model: String?
    @OptionGroup var compute: ComputeFlags
    @Flag(help: "print nothing but errors") var quiet = false
    @OptionGroup(title: "Recipe") var fields: RecipeOptions

    func validate() throws {
        _ = try pairs()
    }

    func run() throws {
        let model = try Models.load(model, preset: fields.preset.map(Preset.named))
        let recipe = try recipe(for: model)
        let bytes = try Files.read(input)
        let decoder = ImageDecoder()
        let photo = try decoder.photo(bytes, options: recipe.decodingOptions(for: decoder.inspect(bytes)))
        let dream = try dream(photo, recipe, model)
        var made = recipe
        made.size = .exact(width: dream.width, height: dream.height)
        try Files.write(try made.file(of: dream, photo: photo, comment: made.canonical), to: output)
        if !quiet {
            for warning in photo.warnings { StandardError.print("note: in \(input), \(warning)") }
            StandardError.print(made.canonical)
        }
    }

    /// Dreams with a progress bar, until it is interrupted with Ctrl-C.
    private func dream(_ photo: Photo, _ recipe: Recipe, _ model: VisionModel) throws -> FloatImage {
        let dreamer = try Dreamer(model: model, options: try compute.options)
        let progress = ProgressBar(isShown: !quiet)
        defer { progress.clear() }
        let interrupt = Interrupt()
        return try dreamer.dream(photo, recipe: recipe) { step in
            try interrupt.check()
            progress.show(step)
        }
    }

    private func recipe(for model: VisionModel) throws -> Recipe {
        var recipe = try Recipe.recommended(for: model)
        try recipe.apply(pairs())
        try recipe.validate(for: model)
        return recipe
    }

    /// The recipe's fields that were given as options, and the format.
    ///
    /// - Throws: `ValidationError` if a value is not allowed.
    private func pairs() throws -> [(name: String, value: String)] {
        let pairs = fields.pairs.filter { $0.name != "format" } + [("format", try format())]
        var recipe = Recipe.plain(model: "")
        do throws(RecipeError) {
            try recipe.apply(pairs)
        } catch {
            throw ValidationError("\(error)")
        }
        return pairs
    }

    /// The output's format: given by the option, else by the file's extension.
    private func format() throws -> String {
        if let format = fields.format { return format }
        let name = output.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        switch parts.count > 1 ? parts.last?.lowercased() : nil {
        case "jpg", "jpeg": return "jpeg"
        case "png": return "png"
        case "webp": return "webp"
        case "avif": return "avif"
        case _ where output == "-": return "jpeg"
        default:
            throw ValidationError(
                "'\(output)' does not end with .jpg, .jpeg, .png, .webp or .avif; give --format")
        }
    }
}
