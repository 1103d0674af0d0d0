import VisionNet

/// Turns Keras weights into this project's model files.
public enum KerasImporter {
    /// What the old program dreamed with: plain gradient ascent on the published network.
    static let classicRecipe = "layers=mixed3,mixed5&steps=100&step_size=0.01&octaves=1&jitter=0&bands=0"

    /// Imports a file that Keras wrote; ``KerasWeights`` says which layouts it may have.
    ///
    /// The output appears whole or not at all. A file whose MD5 is a ``PublishedModel``'s carries that model's source
    /// and licence; any other carries its own file name and no known licence.
    ///
    /// - Parameters:
    ///   - input: an HDF5 file.
    ///   - output: the model file to write; one of the same name is replaced.
    ///   - name: of the model; by default the output's file name without `.safetensors`.
    ///   - width: of the network in the file.
    /// - Returns: what was written.
    /// - Throws: `KerasFileError` about the input, `ModelError` about the output,
    ///   `ModelLibraryError.invalidName`.
    @discardableResult
    public static func importModel(
        from input: String, to output: String, name: String? = nil, width: Width = .full
    ) throws -> ModelSummary {
        let md5 = Digest.hexadecimal(.md5, ofFile: input)
        let published = PublishedModel.all.first { $0.md5 == md5 }
        return try importModel(
            from: input, to: output, name: name ?? ModelName.stem(of: output), published: published, width: width)
    }

    /// As above, where it is known whose weights they are.
    static func importModel(
        from input: String, to output: String, name: String, published: PublishedModel?, width: Width
    ) throws -> ModelSummary {
        guard ModelName.isValid(name) else { throw ModelLibraryError.invalidName(name) }
        let weights = try KerasWeights(contentsOf: input, width: width)

        // The header, which comes first, holds the checksum of what follows: the values are read twice.
        var digest = Digest(.sha256)
        for tensor in weights.tensors {
            try weights.tensor(named: tensor.name).withUnsafeBytes { digest.update($0) }
        }
        let metadata = [
            "format": ModelHeader.format,
            "name": name,
            "network": Network.inceptionV3.name,
            "width": text(width.factor),
            "tail_width": text(width.tailFactor),
            "channel_multiple": String(width.multiple),
            "channel_minimum": String(width.minimum),
            "epsilon": "0.001",
            "input_range": "-1,1",
            "source": published?.url ?? "Keras weights, \(ModelName.fileName(of: input))",
            "licence": published?.licence ?? "unknown",
            "checksum": "sha256:" + digest.hexadecimal(),
            "recipe": classicRecipe,
        ]
        try SafetensorsWriter.write(to: output, tensors: weights.tensors, metadata: metadata, values: weights.tensor)
        return try ModelSummary(SafetensorsFile(path: output))
    }

    /// A factor as a header has it: "1", "0.25".
    private static func text(_ factor: Double) -> String {
        Int(exactly: factor).map(String.init) ?? String(factor)
    }
}
