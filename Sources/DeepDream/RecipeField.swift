import Imaging
import VisionNet

/// One field of a recipe as people write it: its name, what it does, what is allowed, and how it is read and written.
public struct RecipeField: Sendable {
    /// As in forms, queries and the command's options (there with `-` for `_`): `step_size`.
    public let name: String
    /// One line for help texts.
    public let summary: String
    /// What a value may be, for help texts and errors.
    public let allowed: String

    /// No value needs more bytes of UTF-8; what is longer is refused unread, as it comes from anyone.
    static let longestText = 4096

    /// Sets the field from text; false where the text is not allowed.
    package let set: @Sendable (inout Recipe, String) -> Bool
    /// The field's value as text that `set` reads back.
    package let text: @Sendable (Recipe) -> String

    fileprivate init<Value>(
        _ name: String, _ path: WritableKeyPath<Recipe, Value> & Sendable, _ summary: String, allowed: String,
        parse: @escaping @Sendable (String) -> Value?, print: @escaping @Sendable (Value) -> String
    ) {
        self.name = name
        self.summary = summary
        self.allowed = allowed
        set = { recipe, text in
            guard text.utf8.count <= Self.longestText, let value = parse(text) else { return false }
            recipe[keyPath: path] = value
            return true
        }
        text = { recipe in print(recipe[keyPath: path]) }
    }

    fileprivate static func integer(
        _ name: String, _ path: WritableKeyPath<Recipe, Int> & Sendable, _ summary: String, in range: ClosedRange<Int>
    ) -> RecipeField {
        RecipeField(
            name, path, summary, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }, print: { String($0) })
    }
}

extension Recipe {
    /// Every field, in canonical order. A new field is one entry here, a property of `Recipe` with its plain value,
    /// an option of the command and a row of the README's table.
    public static let fields: [RecipeField] = [
        RecipeField(
            "model", \.model, "which network dreams", allowed: "the name of a loaded model; GET /models lists them",
            parse: { $0.isEmpty ? nil : $0 }, print: { $0 }),
        RecipeField(
            "layers", \.layers,
            "layers or channels whose mean activation is maximised, optionally weighted: mixed4:0.5,mixed5[17]; "
                + "GET /models has a model's names for channels",
            allowed:
                "one to eleven layers or channels, comma-separated, each with an optional ':weight' from -1000000 to "
                + "1000000, other than 0",
            parse: Text.layers(in:), print: Text.of(layers:)),
        RecipeField(
            "diversity", \.diversity,
            "how strongly channels are favoured that the picture shows little of, for variety; 0 treats all alike",
            allowed: "a number from 0 to 1",
            parse: { Text.number(in: $0, where: (0...1).contains) }, print: Text.of(number:)),
        RecipeField(
            "selectivity", \.selectivity,
            "how strongly channels asked for, such as mixed5[17], are to stand out from their layer's others",
            allowed: "a number from 0 to 1",
            parse: { Text.number(in: $0, where: (0...1).contains) }, print: Text.of(number:)),
        .integer("steps", \.steps, "gradient steps in each octave", in: 0...2000),
        RecipeField(
            "step_size", \.stepSize, "how far one step goes, for pixels in [-1, 1]",
            allowed: "a number above 0, at most 1",
            parse: { Text.number(in: $0, where: { $0 > 0 && $0 <= 1 }) }, print: Text.of(number:)),
        .integer("octaves", \.octaves, "how many sizes to dream at, small to large", in: 1...12),
        RecipeField(
            "octave_scale", \.octaveScale, "the ratio between the sides of successive octaves",
            allowed: "a number from 1.05 to 4",
            parse: { Text.number(in: $0, where: (1.05...4).contains) }, print: Text.of(number:)),
        .integer("jitter", \.jitter, "longest random shift before each step, in pixels", in: 0...256),
        RecipeField(
            "bands", \.bands, "blurs, in pixels, whose normalised gradients are summed; 0 is the plain gradient",
            allowed: "one to eight numbers from 0 to 64, comma-separated",
            parse: Text.bands(in:), print: { $0.map(Text.of(number:)).joined(separator: ",") }),
        RecipeField(
            "size", \.size, "the dream's size in pixels",
            allowed: "WIDTHxHEIGHT, max:LONGER_SIDE (each from \(OutputSize.allowedSides.lowerBound) to "
                + "\(OutputSize.allowedSides.upperBound)) or original",
            parse: Text.size(in:), print: Text.of(size:)),
        RecipeField(
            "seed", \.seed, "starts the jitter's random numbers", allowed: "a whole number from 0 to \(UInt64.max)",
            parse: { UInt64($0) }, print: { String($0) }),
        RecipeField(
            "precision", \.precision, "fast computes in bfloat16, on processors that can; full is exact",
            allowed: "full or fast", parse: { Precision(rawValue: $0) }, print: { $0.rawValue }),
        .integer("quality", \.quality, "the JPEG's quality; above 90 its colours are not subsampled", in: 1...100),
        RecipeField(
            "format", \.format, "the encoding of the answer", allowed: "jpeg or png",
            parse: { ImageFormat(rawValue: $0) }, print: { $0.rawValue }),
    ]

    /// The names of `fields`, with `preset`, which stands for several at once.
    public static let fieldNames = fields.map(\.name) + ["preset"]
}

/// How the values of a recipe's fields are spelled.
private enum Text {
    static func number(in text: String, where isAllowed: (Double) -> Bool) -> Double? {
        guard let value = Double(text), value.isFinite, isAllowed(value) else { return nil }
        return value
    }

    /// The shortest decimal that reads back as the same number, without a trailing `.0`.
    static func of(number: Double) -> String {
        Int(exactly: number).map(String.init) ?? "\(number)"
    }

    private static let mostLayers = 11

    /// At least one, as even an empty text has one part, which is no layer.
    static func layers(in text: String) -> [LayerWeight]? {
        var layers: [LayerWeight] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard layers.count < mostLayers, let name = pieces.first, !name.isEmpty, pieces.count <= 2,
                let (layer, channel) = layer(in: name)
            else { return nil }
            guard let weight = pieces.count == 1 ? 1 : number(in: pieces[1], where: { $0 != 0 && abs($0) <= 1e6 })
            else { return nil }
            let term = LayerWeight(layer, channel: channel, weight: weight)
            guard !layers.contains(where: { $0.name == term.name }) else { return nil }
            layers.append(term)
        }
        return layers
    }

    /// A layer's name, with the channel that may follow it in brackets; a number without leading zeros, so that it has
    /// one spelling.
    private static func layer(in text: String) -> (name: String, channel: String?)? {
        let parts = text.split(separator: "[", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return text.contains("]") ? nil : (text, nil) }
        let channel = parts[1].dropLast()
        let isWord = channel.utf8.allSatisfy {
            $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") && $0 != UInt8(ascii: "+")
        }
        guard !parts[0].isEmpty, parts[1].last == "]", !channel.isEmpty, isWord else { return nil }
        let isNumber = channel.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return (String(parts[0]), isNumber ? Int(channel).map(String.init) ?? String(channel) : String(channel))
    }

    static func of(layers: [LayerWeight]) -> String {
        layers.map { $0.weight == 1 ? $0.name : "\($0.name):\(of(number: $0.weight))" }.joined(separator: ",")
    }

    static func bands(in text: String) -> [Double]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let bands = parts.compactMap { number(in: String($0), where: (0...64).contains) }
        return bands.count == parts.count && (1...8).contains(bands.count) ? bands : nil
    }

    static func size(in text: String) -> OutputSize? {
        func side(_ text: Substring) -> Int? {
            Int(text).flatMap { OutputSize.allowedSides.contains($0) ? $0 : nil }
        }
        if text == "original" { return .original }
        if text.hasPrefix("max:") { return side(text.dropFirst(4)).map(OutputSize.longerSide) }
        let sides = text.split(separator: "x", omittingEmptySubsequences: false)
        guard sides.count == 2, let width = side(sides[0]), let height = side(sides[1]) else { return nil }
        return .exact(width: width, height: height)
    }

    static func of(size: OutputSize) -> String {
        switch size {
        case .exact(let width, let height): "\(width)x\(height)"
        case .longerSide(let side): "max:\(side)"
        case .original: "original"
        }
    }
}
