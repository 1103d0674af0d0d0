import VisionNet

/// Turns Keras weights into this project's model files.
public enum KerasImporter {
    /// The recipe of the old Flask program: plain gradient ascent on the published network.
    static let classicRecipe = "layers=mixed3,mixed5&steps=100&step_size=0.01&octaves=1&jitter=0&bands=0"

    /// Imports a file that Keras wrote; ``KerasWeights`` says which layouts it may have.
    ///
    /// The output is written completely or not at all. If the file is a ``PublishedModel``'s, the model gets
    /// its source and licence; otherwise the source is the file's name and the licence is unknown.
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
        try importModel(
            from: input, to: output, name: name ?? ModelName.stem(of: output),
            published: PublishedModel.inFile(input), width: width)
    }

    /// Imports a file whose origin is known; `published` is nil for weights that nobody published.
    static func importModel(
        from input: String, to output: String, name: String, published: PublishedModel?, width: Width
    ) throws -> ModelSummary {
        let weights = try KerasWeights(contentsOf: input, width: width)
        return try writer(weights, path: input, published: published, width: width).write(to: output, name: name)
    }

    static func writer(
        _ weights: KerasWeights, path: String, published: PublishedModel?, width: Width
    ) -> ModelWriter {
        ModelWriter(
            network: .inceptionV3, width: width,
            source: published?.url ?? "Keras weights, \(ModelName.fileName(of: path))",
            licence: published?.licence ?? "unknown", recipe: classicRecipe, tensors: weights.tensors,
            values: weights.tensor(named:))
    }
}
