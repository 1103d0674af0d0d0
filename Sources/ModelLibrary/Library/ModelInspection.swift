import VisionNet

/// Everything about a model file, its tensors and checksum included. Making one reads all data of the file.
public struct ModelInspection: Sendable {
    /// A tensor of the file.
    public struct Tensor: Sendable {
        public let name: String
        public let shape: [Int]
        public let elementType: SafetensorsFile.ElementType
    }

    /// How the data compare with the header's checksum.
    public enum Checksum: Hashable, Sendable {
        case valid(String)
        case wrong(found: String, expected: String)
        /// The header has none.
        case missing
    }

    public let location: ModelEntry.Location
    public let summary: ModelSummary
    /// In the order of the network's description.
    public let tensors: [Tensor]
    public let checksum: Checksum

    /// - Throws: `ModelError` if the header is not that of a model.
    init(_ file: SafetensorsFile, location: ModelEntry.Location) throws {
        self.location = location
        summary = try ModelSummary(file)
        let convolutions = summary.network.graph(width: summary.width).convolutions
        let order = Dictionary(uniqueKeysWithValues: convolutions.enumerated().map { ($1.name, $0) })
        // Names end in ".kernel", ".beta" …; tensors of no convolution come last.
        func rank(_ name: String) -> Int {
            let owner = name.split(separator: ".").dropLast().joined(separator: ".")
            return order[owner] ?? convolutions.count
        }
        tensors = file.tensors
            .map { (rank($0), Tensor(name: $0, shape: $1.shape, elementType: $1.elementType)) }
            .sorted { ($0.0, $0.1.name) < ($1.0, $1.1.name) }
            .map(\.1)
        guard let expected = file.metadata["checksum"] else {
            checksum = .missing
            return
        }
        var digest = Digest(.sha256)
        try file.readData { digest.update($0) }
        let found = "sha256:" + digest.hexadecimal()
        checksum = found == expected ? .valid(found) : .wrong(found: found, expected: expected)
    }
}
