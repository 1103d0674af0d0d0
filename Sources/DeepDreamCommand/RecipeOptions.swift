import ArgumentParser
import DeepDream

/// The recipe's fields as options: one for each name in `Recipe.fieldNames` except `model`, which is an option of the
/// command itself.
struct RecipeOptions: ParsableArguments {
    @Option(help: .field("layers")) var layers: String?
    @Option(help: .field("diversity")) var diversity: String?
    @Option(help: .field("selectivity")) var selectivity: String?
    @Option(help: .field("steps")) var steps: String?
    @Option(help: .field("step_size")) var stepSize: String?
    @Option(help: .field("octaves")) var octaves: String?
    @Option(help: .field("octave_scale")) var octaveScale: String?
    @Option(help: .field("octave_sizes")) var octaveSizes: String?
    @Option(help: .field("octave_detail")) var octaveDetail: String?
    @Option(help: .field("jitter")) var jitter: String?
    @Option(help: .field("bands")) var bands: String?
    @Option(help: .field("laplacian")) var laplacian: String?
    @Option(help: .field("normalization")) var normalization: String?
    @Option(help: .field("total_variation")) var totalVariation: String?
    @Option(help: .field("photo_distance")) var photoDistance: String?
    @Option(help: .field("color_decorrelation")) var colorDecorrelation: String?
    @Option(help: .field("parametrization")) var parametrization: String?
    @Option(help: .field("tile")) var tile: String?
    @Option(help: .field("detail")) var detail: String?
    @Option(help: .field("strength")) var strength: String?
    @Option(help: .field("preserve_color")) var preserveColor: String?
    @Option(help: .field("preserve_brightness")) var preserveBrightness: String?
    @Option(help: .field("mask_feather")) var maskFeather: String?
    @Option(help: .field("from")) var from: String?
    @Option(help: .field("size")) var size: String?
    @Option(help: .field("seed")) var seed: String?
    @Option(help: .field("precision")) var precision: String?
    @Option(help: .field("quality")) var quality: String?
    @Option(help: .field("format")) var format: String?
    @Option(help: .field("keep")) var keep: String?
    @Option(help: .field("background")) var background: String?
    @Option(help: .field("metadata")) var metadata: String?
    @Option(help: .field("damaged")) var damaged: String?
    @Option(help: "a name for values of several fields (\(Preset.all.map(\.name).joined(separator: ", ")))")
    var preset: String?

    /// The names and values of the fields that were given.
    var pairs: [(name: String, value: String)] { GivenOptions.of(self, separator: "_") }
}
