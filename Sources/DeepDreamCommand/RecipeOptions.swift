import ArgumentParser
import DeepDream

/// A recipe's fields as options: one for each entry of `Recipe.fields` but the model, and the preset.
struct RecipeOptions: ParsableArguments {
    @Option(help: .field("layers")) var layers: String?
    @Option(help: .field("diversity")) var diversity: String?
    @Option(help: .field("selectivity")) var selectivity: String?
    @Option(help: .field("steps")) var steps: String?
    @Option(help: .field("step_size")) var stepSize: String?
    @Option(help: .field("octaves")) var octaves: String?
    @Option(help: .field("octave_scale")) var octaveScale: String?
    @Option(help: .field("jitter")) var jitter: String?
    @Option(help: .field("bands")) var bands: String?
    @Option(help: .field("color_decorrelation")) var colorDecorrelation: String?
    @Option(help: .field("size")) var size: String?
    @Option(help: .field("seed")) var seed: String?
    @Option(help: .field("precision")) var precision: String?
    @Option(help: .field("quality")) var quality: String?
    @Option(help: .field("format")) var format: String?
    @Option(help: "several fields at once (\(Preset.all.map(\.name).joined(separator: " or ")))")
    var preset: String?

    /// The fields that are given.
    var pairs: [(name: String, value: String)] { GivenOptions.of(self, separator: "_") }
}

extension ArgumentHelp {
    /// The help of an option for the recipe's field of this name.
    static func field(_ name: String) -> ArgumentHelp {
        guard let field = Recipe.fields.first(where: { $0.name == name }) else {
            preconditionFailure("a recipe has no field '\(name)'")
        }
        return ArgumentHelp("\(field.summary) (\(field.allowed))", valueName: "value")
    }
}
