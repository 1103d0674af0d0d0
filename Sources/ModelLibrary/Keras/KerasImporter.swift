import VisionNet

/// Turns Keras weights into this project's model files.
public enum KerasImporter {
    /// The recipe of the old Flask program: plain gradient ascent on the published network.
    static let classicRecipe = "layers=mixed3,mixed5&steps=100&step_size=0.01&octaves=1&jitter=0&bands=0"

    /// Imports a file that Keras wrote; ``KerasWeights`` says which layouts it may have.
    ///
    /// The output is written completely or not at all. If the file's MD5 is that of a ``PublishedModel``, the model
    /// gets its source and licence; otherwise the source is the file's name and the licence is unknown.
    ///
    /// - Parameters:
    ///   - input: an HDF5 file.
    ///   - output: the model file to write; one of the same name is replaced.
    ///   - name: the model's name; by default the output's file name without `.safetensors`.
    ///   - width: the width of the network in the file.
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

    /// Imports a file whose origin is known; `published` is nil for weights that nobody published.
    static func importModel(
        from input: String, to output: String, name: String, published: PublishedModel?, width: Width
    ) throws -> ModelSummary {
        guard ModelName.isValid(name) else { throw ModelLibraryError.invalidName(name) }
        let weights = try KerasWeights(contentsOf: input, width: width)

        // The values are read twice, because the header, which comes first in the file, holds their checksum.
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

    /// A factor as text for the header: "1", "0.25".
    private static func text(_ factor: Double) -> String {
        Int(exactly: factor).map(String.init) ?? String(factor)
    }
}
