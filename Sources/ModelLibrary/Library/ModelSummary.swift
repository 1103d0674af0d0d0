import VisionNet

/// What the header of a model file says.
public struct ModelSummary: Sendable {
    /// The name in the header; a library goes by the file's name instead.
    public let name: String
    public let network: Network
    public let width: Width
    /// All strings of the header.
    public let metadata: [String: String]
    /// How many numbers the tensors hold.
    public let parameterCount: Int
    /// How many bytes the tensors take.
    public let byteCount: Int

    public var source: String? { metadata["source"] }
    public var licence: String? { metadata["licence"] }
    /// The recommended recipe in its text form.
    public var recipe: String? { metadata["recipe"] }

    /// - Throws: `ModelError` if the metadata are not those of a model.
    init(_ file: SafetensorsFile) throws {
        let header = try ModelHeader(file.metadata, file: file.name)
        name = header.name
        network = header.network
        width = header.width
        metadata = file.metadata
        parameterCount = file.tensors.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
        byteCount = file.dataByteCount
    }
}
