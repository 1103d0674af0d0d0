import ArgumentParser
import DeepDream
import Imaging

struct AtlasCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "atlas",
        abstract: "Draws what the channels of a layer look for.",
        discussion: """
            Makes a contact sheet: for each channel a small dream from noise, and below it the channel's number and \
            name. A channel takes about a second.

              deepdream atlas e11 -o e11.png --channels 0-23
              deepdream atlas logits -o dogs.png --channels 207,208,254,263
            """)

    @Argument(help: "the layer") var layer: String
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("the file of the sheet, such as sheet.png or sheet.jpg", valueName: "file"))
    var output = "atlas.png"
    @Option(
        help: ArgumentHelp(
            "the channels: numbers and ranges, separated by commas, at most 256 (default: the first 24)",
            valueName: "numbers"))
    var channels: String?
    @Option(help: ArgumentHelp("how many pictures a row has, from 1 to 32", valueName: "number")) var columns = 6
    @Option(help: "the model: a name or a file (default: efficientnet_lite0 if it is installed, otherwise embedded)")
    var model: String?
    @OptionGroup var compute: ComputeFlags
    @Flag(help: "print nothing but errors") var quiet = false

    private static let mostChannels = 256
    private static let usualChannels = 24

    func validate() throws {
        _ = try SheetFile(output)
        if let channels, Self.numbers(in: channels) == nil {
            throw ValidationError(
                "--channels cannot be '\(channels)'; allowed: 1 to \(Self.mostChannels) numbers, such as 0-11,40")
        }
        guard (1...32).contains(columns) else {
            throw ValidationError("--columns cannot be \(columns); allowed: a whole number from 1 to 32")
        }
    }

    func run() throws {
        let dreamer = try Dreamer(model: Models.load(model, preset: nil), options: try compute.options)
        var question = SightQuestion()
        question.layer = layer
        let layer = try question.layer(of: dreamer.model)
        let numbers = channels.flatMap(Self.numbers) ?? Array(0..<min(Self.usualChannels, layer.channels))
        // A channel that does not exist is an error before the first of them is dreamt.
        let recipes = try numbers.map {
            try Recipe.picture(ofChannel: $0, layer: layer.name, in: dreamer.model, named: dreamer.model.name)
        }
        let interrupt = Interrupt()
        let progress = ProgressBar(isShown: !quiet, works: recipes.map { _ in 1 })
        defer { progress.clear() }
        let tiles = try recipes.enumerated().map { index, recipe in
            let picture = try dreamer.dream(DreamInputs(), recipe: recipe) { step in
                try interrupt.check()
                progress.show(step, photo: index)
            }
            let number = numbers[index]
            let name = layer.channelNames?.names(ofChannel: number).first
            return ContactSheet.Tile(picture, caption: ["\(layer.name)[\(number)]"] + (name.map { [$0] } ?? []))
        }
        try SheetFile(output).write(ContactSheet(tiles, columns: columns).picture())
    }

    /// The numbers in a text such as `0-11,40`; nil if it is something else, or has too many.
    static func numbers(in text: String) -> [Int]? {
        var numbers: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
                last >= first, last - first < mostChannels
            else { return nil }
            numbers += first...last
        }
        return (1...mostChannels).contains(numbers.count) ? numbers : nil
    }
}
