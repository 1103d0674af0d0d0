import DeepDream
import VisionNet

/// What `GET /models` answers.
struct ModelsDocument: Encodable {
    struct Model: Encodable {
        struct Layer: Encodable {
            let name: String
            let channels: Int
            /// The channels of each name that the model has for some.
            let names: [String: [Int]]?
        }

        let name, network: String
        let isDefault: Bool
        let layers: [Layer]
        /// The recipe of a request that names only this model, but for the size, which the service decides.
        let recipe: String

        enum CodingKeys: String, CodingKey {
            case name, network, isDefault = "default", layers, recipe
        }
    }

    let models: [Model]
    /// What a request may ask for on this processor.
    let precisions: [String]

    init(_ catalog: ModelCatalog) {
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

/// What `GET /readyz` answers.
struct ReadinessDocument: Encodable {
    struct Queue: Encodable {
        let waiting, capacity, running, workers: Int
    }

    /// What became of the jobs so far.
    struct Jobs: Encodable {
        let done, cancelled, failed, refused: Int
    }

    let status: String
    let queue: Queue
    let jobs: Jobs
}
