import VisionNet

/// A name for the values of several fields.
public struct Preset: Hashable, Sendable {
    public let name: String
    /// What its dreams look like, in one line.
    public let summary: String
    /// The name of the network whose layers it dreams; nil where every network will do.
    public let network: String?
    /// The name of the model that it is made for; nil for any of its network.
    public private(set) var model: String?
    /// Whether it starts from `Recipe.plain`; otherwise it changes the model's recommendation.
    let startsPlain: Bool
    /// What it changes, as `name=value` pairs joined by `&`.
    let changes: String
    /// How it changes the model's recommendation, whatever that is.
    private(set) var intensity: Intensity?

    private init(_ name: String, _ summary: String, _ changes: String) {
        (self.name, self.summary, self.changes) = (name, summary, changes)
        (network, startsPlain) = (Network.efficientNetLite0.name, false)
    }

    private init(_ name: String, _ summary: String, _ intensity: Intensity) {
        self.init(name: name, summary: summary, network: nil, startsPlain: false, changes: "")
        self.intensity = intensity
    }

    private init(name: String, summary: String, network: String?, startsPlain: Bool, changes: String) {
        (self.name, self.summary, self.changes) = (name, summary, changes)
        (self.network, self.startsPlain) = (network, startsPlain)
    }

    /// A user's own preset.
    ///
    /// - Parameters:
    ///   - name: by which recipes ask for it.
    ///   - fields: the names and values of the fields that it sets; `preset` can name one of ``all``, and `model` the
    ///     model that it is made for.
    public init(name: String, fields: [(name: String, value: String)]) {
        let changes = fields.filter { $0.name != "model" }
        self.init(
            name: name, summary: "one of this service's own", network: nil, startsPlain: false,
            changes: Recipe.text(ofPairs: changes))
        model = fields.first { $0.name == "model" }?.value
    }

    /// The steps that these looks were chosen with: more and finer ones than EfficientNet-Lite0 recommends.
    private static let manySmallSteps = "&steps=24&step_size=0.02"

    /// Every preset, in the order of help texts.
    public static let all: [Preset] =
        [
            Preset(
                name: "recommended", summary: "the model's own recommendation", network: nil, startsPlain: false,
                changes: ""),
            Preset(
                "subtle", "a dream that leaves faces as they are",
                Intensity(steps: 1 / 2, stepSize: 0.7, octaves: -1, keepsFineDetail: true)),
            Preset(
                "medium", "between subtle and the recommended dream", Intensity(steps: 2 / 3, stepSize: 0.8)),
            Preset(
                "wild", "a dream that takes the photo over",
                Intensity(steps: 5 / 3, stepSize: 1.1, colorDecorrelation: 0.8, octaves: 1)),
            Preset(
                "puppies", "many small dogs",
                "layers=e11,d11,logits[golden retriever]:0.007&steps=28&step_size=0.02&octaves=4&octave_scale=1.5"
                    + "&bands=1,4"),
            Preset("creature", "one large animal that follows the photo's shapes", "layers=b10:l2" + manySmallSteps),
            Preset(
                "eyes", "eyes and scales",
                "layers=d8,b8:l2:0.1&octaves=4&octave_scale=1.5&color_decorrelation=0.9" + manySmallSteps),
            Preset(
                "flowers", "petals and corals",
                "layers=b12:l2:0.3,logits[monarch butterfly]:0.3&octaves=4&octave_scale=1.5&color_decorrelation=0.9"
                    + manySmallSteps),
            Preset(
                "birds", "feathers and owls",
                "layers=b10:l2:0.2,logits[macaw]:0.3,logits[bald eagle]:0.3,logits[great grey owl]:0.3&octaves=4"
                    + "&octave_scale=1.5&color_decorrelation=0.9" + manySmallSteps),
            Preset(
                "architecture", "towers, domes and windows",
                "layers=e11:2,b14:l2:0.15,logits[palace]:0.5,logits[church]:0.5,logits[castle]:0.5&octaves=4"
                    + "&octave_scale=1.5&color_decorrelation=0.9" + manySmallSteps),
            Preset(
                "strokes", "the strokes of a brush",
                "layers=e3&steps=14&step_size=0.012&octaves=3&octave_scale=1.5&bands=1,4"),
            Preset(
                "woodcut", "carved lines",
                "layers=e5,b4:l2:0.1&steps=16&step_size=0.016&octaves=3&octave_scale=1.5"),
            Preset(
                name: "classic", summary: "the old Flask program's recipe: 225×225, mixed3 and mixed5, 100 plain steps",
                network: Network.inceptionV3.name, startsPlain: true, changes: "size=225x225"),
        ] + published

    /// Recipes that others have published, with the values of their programs. Steps are in pixels of [-1, 1] here.
    private static let published: [Preset] = [
        // https://github.com/google/deepdream/blob/master/dream.ipynb, with its guide's layer; a step of 1.5 of 255.
        Preset(
            name: "google", summary: "Google's first DeepDream of 2015: GoogLeNet's inception4c",
            network: Network.googLeNet.name, startsPlain: true,
            changes: "layers=inception4c:l2&steps=10&step_size=0.0118&octaves=4&octave_scale=1.4&jitter=32"
                + "&normalization=mean_absolute"),
        // https://www.tensorflow.org/tutorials/generative/deepdream
        Preset(
            name: "tutorial", summary: "TensorFlow's tutorial: mixed3 and mixed5, five sizes, detail carried plainly",
            network: Network.inceptionV3.name, startsPlain: true,
            changes: "layers=mixed3,mixed5&steps=50&step_size=0.01&octaves=5&octave_scale=1.3&octave_detail=carry"
                + "&jitter=256"),
        // https://keras.io/examples/generative/deep_dream/
        Preset(
            name: "keras", summary: "Keras's example: mixed4 to mixed7 and their squares",
            network: Network.inceptionV3.name, startsPlain: true,
            changes: "layers=mixed4:l2,mixed5:l2:1.5,mixed6:l2:2,mixed7:l2:2.5&steps=20&step_size=0.01&octaves=3"
                + "&octave_scale=1.4&normalization=mean_absolute"),
    ]

    /// The preset of this name.
    ///
    /// - Parameter presets: those there are.
    /// - Throws: `RecipeError.invalidValue` that lists the names there are.
    public static func named(_ name: String, of presets: [Preset] = all) throws(RecipeError) -> Preset {
        guard let preset = presets.first(where: { $0.name == name }) else {
            throw .invalidValue(field: "preset", value: name, allowed: presets.map(\.name).joined(separator: ", "))
        }
        return preset
    }
}
