import VisionNet

/// A name for the values of several fields.
public struct Preset: Hashable, Sendable {
    public let name: String
    /// What its dreams look like, in one line.
    public let summary: String
    /// The name of the network whose layers it dreams; nil where every network will do.
    public let network: String?
    /// Whether it starts from `Recipe.plain`; otherwise it changes the model's recommendation.
    let startsPlain: Bool
    /// What it changes, as `name=value` pairs joined by `&`.
    let changes: String

    private init(_ name: String, _ summary: String, _ changes: String) {
        (self.name, self.summary, self.changes) = (name, summary, changes)
        (network, startsPlain) = (Network.efficientNetLite0.name, false)
    }

    private init(name: String, summary: String, network: String?, startsPlain: Bool, changes: String) {
        (self.name, self.summary, self.changes) = (name, summary, changes)
        (self.network, self.startsPlain) = (network, startsPlain)
    }

    /// Every preset, in the order of help texts.
    public static let all: [Preset] = [
        Preset(
            name: "recommended", summary: "the model's own recommendation", network: nil, startsPlain: false,
            changes: ""),
        Preset(
            "subtle", "a little of the recommended dream, for portraits", "steps=8&step_size=0.01&octaves=4&bands=1,4"),
        Preset("medium", "about half of the recommended dream", "steps=12&step_size=0.014"),
        Preset("wild", "creatures in everything, in loud colours", "steps=24&step_size=0.025&color_decorrelation=0.7"),
        Preset("puppies", "faces of dogs everywhere", "layers=e11"),
        Preset("creature", "one large animal that follows the photo's shapes", "layers=b10:l2"),
        Preset("flowers", "petals and shells", "layers=b12:l2"),
        Preset("architecture", "towers and domes", "layers=logits[palace],logits[church],logits[dome],logits[castle]"),
        Preset("strokes", "the strokes of a brush", "layers=b4:l2&octaves=3"),
        Preset(
            name: "classic", summary: "the old Flask program's recipe: 225×225, mixed3 and mixed5, 100 plain steps",
            network: Network.inceptionV3.name, startsPlain: true, changes: "size=225x225"),
    ]

    /// The preset of this name.
    ///
    /// - Throws: `RecipeError.invalidValue` that lists the names there are.
    public static func named(_ name: String) throws(RecipeError) -> Preset {
        guard let preset = all.first(where: { $0.name == name }) else {
            throw .invalidValue(field: "preset", value: name, allowed: all.map(\.name).joined(separator: ", "))
        }
        return preset
    }
}
