import ArgumentParser
import DeepDream
import Imaging
import VisionNet

struct DreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dream",
        abstract: "Turns photos into dreams.",
        discussion: """
            Where no option is given, the recipe that the model recommends is used. The whole recipe is printed to \
            standard error, so that you can repeat or vary it.

              deepdream dream photo.jpg dream.jpg
              deepdream dream photo.jpg dream.png --size original --seed 7
              deepdream dream photo.jpg dream.jpg --layers mixed3:0.5,mixed6 --octaves 6 --steps 40
              deepdream dream photo.jpg dream.jpg --preset classic
              deepdream dream photo.jpg dream.jpg --mask mask.png --detail restore
              deepdream dream photo.jpg dream.jpg --recipe other-dream.jpg
              deepdream dream noise.jpg --from noise --size 512x512
              deepdream dream *.jpg --out-dir dreams
              curl -s https://example.org/photo.jpg | deepdream dream - - > dream.jpg

            With --out-dir, each photo becomes a file of the same name there. Photos whose dream is there already are \
            left out, so that the same command goes on where it was interrupted.
            """)

    @Argument(
        help: ArgumentHelp(
            "the photo and the dream: pictures' files, or - for standard input and output; only the dream with --from "
                + "noise, only photos with --out-dir", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("dream all files, into this directory", valueName: "directory"))
    var outDir: String?
    @Option(help: ArgumentHelp("a picture of where to dream: white dreams, black stays", valueName: "file"))
    var mask: String?
    @Option(help: ArgumentHelp("a picture whose features layers with ':guide' look for", valueName: "file"))
    var guide: String?
    @Option(
        help: ArgumentHelp(
            "a dream whose recipe is used, where no option says otherwise; its size only for photos of that shape",
            valueName: "file"))
    var recipe: String?
    @Option(help: "the model: a name or a file (default: efficientnet_lite0 if it is installed, otherwise embedded)")
    var model: String?
    @OptionGroup var compute: ComputeFlags
    @Flag(help: "print nothing but errors") var quiet = false
    @OptionGroup(title: "Recipe") var fields: RecipeOptions

    private var startsFromNoise: Bool { fields.from == DreamStart.noise.rawValue }

    func validate() throws {
        if fields.preset != nil, recipe != nil {
            throw ValidationError("--preset and --recipe cannot be used together: each decides all other fields")
        }
        try check(fields.pairs)
    }

    func run() throws {
        // Not in `validate`, which would hide that an option is unknown.
        try checkFiles()
        let source = try recipe.map { try PictureRecipe(of: $0) }
        let given = source?.pairs ?? []
        let name = model ?? given.first { $0.name == "model" }?.value
        let model = try Models.load(name, preset: fields.preset.map { try Preset.named($0) })
        if !quiet { source?.check(model) }
        let outputs = try outputs()
        let interrupt = Interrupt()
        let session = DreamSession(
            dreamer: try Dreamer(model: model, options: try compute.options),
            mask: try mask.map { try ImageDecoder().decode(Files.read($0)) },
            guide: try guide.map { try ImageDecoder().decode(Files.read($0)) },
            fitsSize: self.recipe != nil && fields.size == nil, isQuiet: quiet, interrupt: interrupt)
        guard let outDir else {
            let recipe = try recipe(for: model, given: given, format: outputs[0].format)
            return try session.dream(files.count == 1 ? nil : files[0], to: outputs[0].path, recipe)
        }
        try Files.createDirectory(outDir)
        try session.dreamAll(
            try zip(files, outputs).map { photo, output in
                (photo, output.path, try recipe(for: model, given: given, format: output.format))
            })
    }

    private func checkFiles() throws {
        if outDir == nil {
            // A recipe that is read later may say from=noise.
            let expected = startsFromNoise ? 1...1 : recipe != nil ? 1...2 : 2...2
            guard expected.contains(files.count) else {
                throw ValidationError(
                    startsFromNoise
                        ? "--from noise takes one file, the dream; there are \(files.count)"
                        : "give a photo and the dream's file, or photos and --out-dir; there are \(files.count) files")
            }
        } else if startsFromNoise {
            throw ValidationError("--out-dir takes photos, and --from noise takes none")
        }
    }

    /// The recipe of a dream: the model's recommendation, or that of another dream, changed by the options.
    private func recipe(
        for model: VisionModel, given: [(name: String, value: String)], format: ImageFormat
    ) throws -> Recipe {
        var recipe = try Recipe.recommended(for: model)
        let options = fields.pairs.filter { $0.name != "format" } + [("format", format.rawValue)]
        try recipe.apply(given.filter { $0.name != "model" })
        try recipe.apply(options)
        try recipe.validate(for: model)
        return recipe
    }

    /// Checks values without a model, before anything is done.
    private func check(_ pairs: [(name: String, value: String)]) throws {
        var recipe = Recipe.plain(model: "")
        do throws(RecipeError) {
            try recipe.apply(pairs)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// Where each dream goes, and its format.
    ///
    /// - Throws: `ValidationError` if two photos would become the same file.
    private func outputs() throws -> [(path: String, format: ImageFormat)] {
        guard let outDir else {
            let output = files.last ?? ""
            return [(output, try Self.format(given: fields.format, ofFile: output))]
        }
        var sources: [String: String] = [:]
        return try files.map { photo in
            let name = String(photo.split(separator: "/").last ?? "")
            let stem = name.split(separator: ".").dropLast().joined(separator: ".")
            let format =
                fields.format.flatMap(ImageFormat.init(rawValue:))
                ?? (name.lowercased().hasSuffix(".png") ? .png : .jpeg)
            let path = "\(outDir)/\(stem.isEmpty ? name : stem).\(format.fileExtension)"
            if let other = sources.updateValue(photo, forKey: path) {
                throw ValidationError("\(other) and \(photo) would both become \(path)")
            }
            return (path, format)
        }
    }

    /// A dream's format: given by the option, else by its file's extension.
    private static func format(given: String?, ofFile output: String) throws -> ImageFormat {
        if let format = given.flatMap(ImageFormat.init(rawValue:)) { return format }
        if let format = ImageFormat(ofFile: output) { return format }
        guard output == "-" || given != nil else {
            throw ValidationError(
                "'\(output)' does not end with .jpg, .jpeg, .png, .webp or .avif; give --format")
        }
        return .jpeg
    }
}
