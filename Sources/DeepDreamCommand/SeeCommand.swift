import ArgumentParser
import DeepDream
import Imaging

struct SeeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "see",
        abstract: "Tells what a network sees in a photo.",
        discussion: """
            Prints the five likeliest classes, if the model has a classifier, and the channels of a layer that answer \
            most: number, mean, contrast, maximum, where the maximum is (0 0 is the top left, 1 1 the bottom right), \
            and the name. With -o, draws a contact sheet of the channels, with the places lit where each answers.

              deepdream see photo.jpg
              deepdream see photo.jpg --layer e3 -o sheet.png
              deepdream dream photo.jpg dream.jpg --layers "e11[40]"
            """)

    @Argument(help: "the photo; - for standard input") var photo: String
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("write a contact sheet into this file, such as sheet.png or sheet.jpg", valueName: "file"))
    var output: String?
    @Option(help: "the model: a name or a file (default: efficientnet_lite0 if it is installed, otherwise embedded)")
    var model: String?
    @OptionGroup var compute: ComputeFlags
    @OptionGroup var question: SightOptions

    func validate() throws {
        _ = try output.map(SheetFile.init)
        do throws(RecipeError) {
            _ = try question.question
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        let question = try question.question
        let dreamer = try Dreamer(model: Models.load(model, preset: nil), options: try compute.options)
        _ = try question.layer(of: dreamer.model)
        let picture = try ImageDecoder().decode(Files.read(photo))
        let sight = try dreamer.see(picture, question)
        for label in sight.labels {
            print("\(Table.right(Table.decimal(100 * label.probability, digits: 1), 5)) %  \(label.name)")
        }
        if !sight.labels.isEmpty { print("") }
        print("layer \(sight.layer), \(sight.columns)x\(sight.rows) cells")
        for channel in sight.channels {
            let numbers = [
                Table.right(String(channel.number), 5), Table.right(Table.decimal(channel.mean, digits: 3), 8),
                Table.right(Table.decimal(channel.contrast, digits: 3), 8),
                Table.right(Table.decimal(channel.maximum, digits: 3), 8),
                Table.right(Table.decimal(channel.position.x, digits: 2), 5),
                Table.right(Table.decimal(channel.position.y, digits: 2), 5),
            ]
            print((numbers + channel.names.prefix(1)).joined(separator: "  "))
        }
        try output.map(SheetFile.init)?.write(sight.sheet(of: picture))
    }
}

/// The fields of a question to a network as options, one for each name in `SightQuestion.fieldNames`.
struct SightOptions: ParsableArguments {
    @Option(help: .sight("layer")) var layer: String?
    @Option(help: .sight("count")) var count: String?
    @Option(help: .sight("order")) var order: String?
    @Option(help: .sight("size")) var size: String?

    var question: SightQuestion {
        get throws(RecipeError) {
            var question = SightQuestion()
            try question.apply(GivenOptions.of(self, separator: "_"))
            return question
        }
    }
}

extension ArgumentHelp {
    /// The help for a question's field with this name.
    fileprivate static func sight(_ name: String) -> ArgumentHelp {
        guard let field = SightQuestion.fields.first(where: { $0.name == name }) else {
            preconditionFailure("a question has no field '\(name)'")
        }
        return ArgumentHelp("\(field.summary) (\(field.allowed))", valueName: "value")
    }
}

/// Numbers in columns.
private enum Table {
    static func decimal(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { factor, _ in factor * 10 }
        let units = Int((abs(value) * Double(scale)).rounded())
        let fraction = String(units % scale)
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(value < 0 && units > 0 ? "-" : "")\(units / scale).\(zeros)\(fraction)"
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
