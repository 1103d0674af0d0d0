import VisionNet

/// What becomes a model file: tensors by this project's names, and where they come from.
struct ModelWriter {
    let network: Network
    let width: Width
    let source: String
    let licence: String
    /// The recommended recipe in its text form; nil where the network's own is the best known.
    let recipe: String?
    /// In the order of the file.
    let tensors: [(name: String, shape: [Int])]
    /// A tensor's numbers, row-major. Each is asked for twice.
    let values: (_ name: String) throws -> [Float]

    /// Writes the file completely or not at all.
    ///
    /// - Throws: `ModelError` about the output, `ModelLibraryError.invalidName`, or what `values` throws.
    func write(to output: String, name: String) throws -> ModelSummary {
        guard ModelName.isValid(name) else { throw ModelLibraryError.invalidName(name) }
        // The values are read twice, because the header, which comes first in the file, holds their checksum.
        var digest = Digest(.sha256)
        for tensor in tensors {
            try values(tensor.name).withUnsafeBytes { digest.update($0) }
        }
        var metadata = [
            "format": ModelHeader.format,
            "name": name,
            "network": network.name,
            "width": Self.text(width.factor),
            "tail_width": Self.text(width.tailFactor),
            "channel_multiple": String(width.multiple),
            "channel_minimum": String(width.minimum),
            "epsilon": "\(network.epsilon)",
            "input_range": "-1,1",
            "source": source,
            "licence": licence,
            "checksum": "sha256:" + digest.hexadecimal(),
        ]
        metadata["recipe"] = recipe
        try SafetensorsWriter.write(to: output, tensors: tensors, metadata: metadata, values: values)
        return try ModelSummary(SafetensorsFile(path: output))
    }

    /// A factor as text for the header: "1", "0.25".
    private static func text(_ factor: Double) -> String {
        Int(exactly: factor).map(String.init) ?? String(factor)
    }
}
