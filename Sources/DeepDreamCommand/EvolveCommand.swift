import ArgumentParser
import DeepDream
import Imaging
import VisionNet

struct EvolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evolve",
        abstract: "Searches for a dream that you like: nine variants, from which you pick.",
        discussion: """
            The first call makes variants of the recommended recipe, small dreams of the photo, and a contact sheet of \
            them. Each further call with --pick breeds the next generation from those that you like; those stay in it. \
            A generation is a directory, and every picture in it carries its recipe. The same command goes on where it \
            was interrupted, and the same picks with the same seed give the same pictures.

              deepdream evolve photo.jpg
              deepdream evolve photo.jpg --pick 2,5
              deepdream evolve photo.jpg --pick 7
              deepdream dream photo.jpg dream.jpg --recipe photo-evolve/generation-3/1.jpg --size max:1024
            """)

    @Argument(help: "the photo") var photo: String
    @Option(
        help: ArgumentHelp("where the generations are (default: PHOTO-evolve)", valueName: "directory"))
    var dir: String?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("write the contact sheet into this file, too, such as sheet.png", valueName: "file"))
    var output: String?
    @Option(
        help: ArgumentHelp("the numbers of the variants that you like, separated by commas", valueName: "numbers"))
    var pick: String?
    @Option(help: ArgumentHelp("how many variants a generation has, from 2 to 25", valueName: "number")) var count = 9
    @Option(help: ArgumentHelp("the longer side of the variants, from 64 to 1024 pixels", valueName: "pixels"))
    var side = 256
    @Option(help: ArgumentHelp("decides what changes", valueName: "number")) var seed: UInt64 = 0
    @Option(help: "the model: a name or a file (default: efficientnet_lite0 if it is installed, otherwise embedded)")
    var model: String?
    @OptionGroup var compute: ComputeFlags
    @Flag(help: "print nothing but errors") var quiet = false

    func validate() throws {
        _ = try output.map(SheetFile.init)
        guard (2...25).contains(count) else {
            throw ValidationError("--count cannot be \(count); allowed: a whole number from 2 to 25")
        }
        guard (64...1024).contains(side) else {
            throw ValidationError("--side cannot be \(side); allowed: a whole number from 64 to 1024")
        }
        if let pick, Self.numbers(in: pick) == nil {
            throw ValidationError("--pick cannot be '\(pick)'; allowed: different numbers of variants, such as 2,5")
        }
        guard photo != "-" else { throw ValidationError("the photo must be a file, because it is needed again") }
    }

    func run() throws {
        let dreamer = try Dreamer(model: Models.load(model, preset: nil), options: try compute.options)
        let evolution = try Evolution(directory: dir ?? Self.directory(for: photo), model: dreamer.model)
        let generation = try evolution.generation(picking: pick.flatMap(Self.numbers), count: count, seed: seed)
        let sheet = try show(generation, with: dreamer)
        if !quiet { print(sheet) }
    }

    /// Dreams the variants that are not there yet, and draws their contact sheet.
    ///
    /// - Returns: the sheet's path.
    private func show(_ generation: Evolution.Generation, with dreamer: Dreamer) throws -> String {
        let file = try Files.read(photo)
        let interrupt = Interrupt()
        let missing = generation.recipes.indices.filter { !Files.exists(generation.picture($0 + 1)) }
        let progress = ProgressBar(isShown: !quiet, works: generation.recipes.map { _ in 1 })
        defer { progress.clear() }
        let session = DreamSession(
            dreamer: dreamer, mask: nil, guide: nil, fitsSize: false, isQuiet: true, interrupt: interrupt)
        for index in missing {
            var recipe = generation.recipes[index]
            recipe.size = .longerSide(side)
            recipe.format = .jpeg
            try session.dream(file, to: generation.picture(index + 1), recipe) { progress.show($0, photo: index) }
        }
        let tiles = try generation.recipes.indices.map { index in
            let picture = try ImageDecoder().decode(Files.read(generation.picture(index + 1)))
            let recipe = generation.recipes[index]
            return ContactSheet.Tile(
                picture,
                caption: ["\(index + 1): \(Self.layers(of: recipe))", "\(recipe.steps) steps \(recipe.octaves) oct."])
        }
        let columns = count <= 4 ? 2 : count <= 9 ? 3 : 5
        let sheet = ContactSheet(tiles, columns: columns).picture()
        for path in [generation.sheet] + (output.map { [$0] } ?? []) { try SheetFile(path).write(sheet) }
        return generation.sheet
    }

    private static func layers(of recipe: Recipe) -> String {
        recipe.layers.map { $0.layer + ($0.channel.map { "[\($0)]" } ?? "") }.joined(separator: ",")
    }

    /// Beside the photo, with its name.
    private static func directory(for photo: String) -> String {
        let parts = photo.split(separator: "/", omittingEmptySubsequences: false)
        let name = parts.last.map(String.init) ?? photo
        let stem = name.split(separator: ".").dropLast().joined(separator: ".")
        return (parts.dropLast().map(String.init) + ["\(stem.isEmpty ? name : stem)-evolve"]).joined(separator: "/")
    }

    /// Different numbers from 1, in order; nil if the text is something else.
    static func numbers(in text: String) -> [Int]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }.filter { $0 > 0 }
        guard numbers.count == parts.count, Set(numbers).count == numbers.count else { return nil }
        return numbers.sorted()
    }
}
