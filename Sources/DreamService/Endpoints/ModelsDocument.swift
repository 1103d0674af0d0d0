import DeepDream
import VisionNet

/// The answer to `GET /models`.
struct ModelsDocument: Encodable {
    struct Model: Encodable {
        struct Layer: Encodable {
            let name: String
            let channels: Int
            /// The channels that have a name, by their names; nil if the model names none of this layer.
            let names: [String: [Int]]?
        }

        let name, network: String
        let isDefault: Bool
        let layers: [Layer]
        /// The recommended recipe. The recipe of a request that only names this model differs in its size, which is
        /// the service's default.
        let recipe: String

        enum CodingKeys: String, CodingKey {
            case name, network, isDefault = "default", layers, recipe
        }
    }

    let models: [Model]
    /// The recipe's fields.
    let fields: [FieldDocument]
    /// The precisions that this machine's processor supports.
    let precisions: [String]

    /// - Parameter defaultSize: the size of dreams whose requests do not give one.
    init(_ catalog: ModelCatalog, defaultSize: OutputSize) {
        var recipe = catalog.defaultEntry.recommended
        recipe.size = defaultSize
        fields = Recipe.fields.map { FieldDocument($0, default: $0.text(recipe)) } + [.preset(of: catalog.presets)]
        precisions = Precision.allCases.filter(\.isAvailable).map(\.rawValue)
        models = catalog.entries.map { entry in
            Model(
                name: entry.name, network: entry.model.network.name,
                isDefault: entry.name == catalog.defaultEntry.name,
                layers: entry.model.layers.map { layer in
                    .init(
                        name: layer.name, channels: layer.channels,
                        names: layer.channelNames?.channels.mapValues { $0.sorted() })
                },
                recipe: entry.recommended.canonical)
        }
    }
}
