import VisionNet

/// What the header of a model file tells.
public struct ModelSummary: Sendable {
    /// The name that the header gives; in a library the file's name counts.
    public let name: String
    public let network: Network
    public let width: Width
    /// All strings of the header.
    public let metadata: [String: String]
    /// How many numbers the tensors hold.
    public let parameterCount: Int
    /// The bytes of the tensors.
    public let byteCount: Int

    public var source: String? { metadata["source"] }
    public var licence: String? { metadata["licence"] }
    /// The recommended recipe in its text form.
    public var recipe: String? { metadata["recipe"] }

    /// - Throws: `ModelError` where the metadata are not a model's.
    init(_ file: SafetensorsFile) throws {
        let header = try ModelHeader(file.metadata, file: file.name)
        name = header.name
        network = header.network
        width = header.width
        metadata = file.metadata
        parameterCount = file.tensors.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
        byteCount = file.withData { $0.count }
    }
}
