import ArgumentParser
import DeepDream
import Imaging
import VisionNet

struct DreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dream",
        abstract: "Dreams one photo.",
        discussion: """
            What no option says is as the model recommends. The recipe is printed to standard error, so that it can \
            be repeated or varied.

              deepdream dream photo.jpg dream.jpg
              deepdream dream photo.jpg dream.png --size original --seed 7
              deepdream dream photo.jpg dream.jpg --layers mixed3:0.5,mixed6 --octaves 6 --steps 40
              deepdream dream photo.jpg dream.jpg --preset classic
              curl -s https://example.org/photo.jpg | deepdream dream - - > dream.jpg
            """)

    @Argument(help: "the photo, JPEG or PNG; - is standard input") var input: String
    @Argument(help: "the dream, JPEG or PNG by its extension; - is standard output") var output: String

    @Option(help: "which network dreams: a model's name or file") var model = "embedded"
    @OptionGroup var compute: ComputeFlags
    @Flag(help: "print nothing but errors") var quiet = false
    @OptionGroup(title: "Recipe") var fields: RecipeOptions

    func validate() throws {
        _ = try pairs()
    }

    func run() throws {
        let model = try Models.load(model)
        let recipe = try recipe(for: model)
        let photo = try ImageDecoder().decode(Files.read(input))
        // Not before the photo is read: it may come from a terminal, which Ctrl-C should end.
        let interrupt = Interrupt()
        let progress = ProgressBar(isShown: !quiet)
        let dream = try Dreamer(model: model, options: try compute.options)
            .dream(photo, recipe: recipe) { step in
                try interrupt.check()
                progress.show(step)
            }
        progress.clear()
        var made = recipe
        made.size = .exact(width: dream.width, height: dream.height)
        let file = try dream.encoded(as: made.format, quality: made.quality, comment: made.canonical)
        try Files.write(file, to: output)
        if !quiet { StandardError.print(made.canonical) }
    }

    private func recipe(for model: VisionModel) throws -> Recipe {
        var recipe = try Recipe.recommended(for: model)
        try recipe.apply(pairs())
        try recipe.validate(for: model)
        return recipe
    }

    /// The fields that options give, each of them with a value that it allows.
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

    /// The output's format: as the option says, else by the file's extension.
    private func format() throws -> String {
        if let format = fields.format { return format }
        let name = output.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        switch parts.count > 1 ? parts.last?.lowercased() : nil {
        case "jpg", "jpeg": return "jpeg"
        case "png": return "png"
        case _ where output == "-": return "jpeg"
        default:
            throw ValidationError("'\(output)' ends with neither .jpg, .jpeg nor .png; say --format jpeg or png")
        }
    }
}
