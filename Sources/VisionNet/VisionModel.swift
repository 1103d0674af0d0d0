/// A network with its weights: immutable, shared by all workers.
public final class VisionModel: Sendable {
    /// A layer that can be dreamed.
    public struct Layer: Hashable, Sendable {
        public let name: String
        public let channels: Int
    }

    /// The smallest side of an input, in pixels.
    public static let minimumSide = 75

    public let name: String
    /// `inception_v3`.
    public let network: String
    public let width: Width
    /// The strings of the file's header: source, licence, checksum, recommended recipe …
    public let metadata: [String: String]
    /// The layers of an objective, from input to output.
    public let layers: [Layer]

    init(name: String) {
        self.name = name
        network = "inception_v3"
        width = .full
        metadata = [:]
        layers = []
    }

    /// Loads a model file (safetensors with this project's metadata).
    public convenience init(contentsOf path: String) throws {
        self.init(name: path)
    }

    /// The model that is built into the binary.
    public static func embedded() throws -> VisionModel {
        VisionModel(name: "embedded")
    }
}
