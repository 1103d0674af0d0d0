import Glibc
import VisionNet

/// Turns weights as people have them into this project's model files.
public enum ModelImporter {
    /// How the names of files end that can be imported, beside `.safetensors`.
    public static let fileExtensions = [".pth", ".pt", ".bin", ".whl", ".h5", ".hdf5", ".keras"]

    /// Imports a file of Keras (``KerasWeights``) or PyTorch (``PyTorchWeights``); its bytes decide which it is.
    ///
    /// The output is written completely or not at all. If the file is a ``PublishedModel``'s, the model gets its source
    /// and licence; otherwise the source is the file's name and the licence is unknown.
    ///
    /// - Parameters:
    ///   - input: the file to read.
    ///   - output: the model file to write; one of the same name is replaced.
    ///   - name: the model's name; by default the output's file name without `.safetensors`.
    ///   - network: the network in the file; nil for the one that its tensors tell.
    /// - Returns: what was written.
    /// - Throws: `KerasFileError` or `PyTorchFileError` about the input, `ModelError` about a tensor or the output,
    ///   `ModelLibraryError.invalidName`.
    @discardableResult
    public static func importModel(
        from input: String, to output: String, name: String? = nil, network: Network? = nil
    ) throws -> ModelSummary {
        try importModel(
            from: input, to: output, name: name ?? ModelName.stem(of: output), network: network,
            published: PublishedModel.inFile(input), width: .full)
    }

    /// Imports a file as above into `directory`, which is created if it does not exist; the model is named after its
    /// network.
    ///
    /// - Returns: the path of the model file, and what was written.
    public static func importModel(
        from input: String, intoDirectory directory: String, network: Network? = nil
    ) throws -> (path: String, summary: ModelSummary) {
        guard Directory.create(directory) else {
            throw ModelError.unwritable(file: directory, reason: String(cString: strerror(errno)))
        }
        let file = try WeightFile(input, network: network, width: .full)
        let path = "\(directory)/\(file.network.name)\(ModelName.fileExtension)"
        let summary = try file.writer(published: PublishedModel.inFile(input)).write(to: path, name: file.network.name)
        return (path, summary)
    }

    /// Imports a file whose origin is known; `published` is nil for weights that nobody published.
    static func importModel(
        from input: String, to output: String, name: String, network: Network? = nil, published: PublishedModel?,
        width: Width
    ) throws -> ModelSummary {
        try WeightFile(input, network: network, width: width).writer(published: published).write(to: output, name: name)
    }
}

/// An opened file of weights.
private enum WeightFile {
    case keras(KerasWeights, path: String, width: Width)
    case pyTorch(PyTorchWeights, path: String)

    /// The first bytes of an HDF5 file, as Keras writes it.
    private static let hdf5Signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

    init(_ path: String, network: Network?, width: Width) throws {
        if Self.beginsWithHDF5Signature(path) {
            guard network == nil || network?.name == Network.inceptionV3.name else {
                throw KerasFileError.foreign(
                    file: path,
                    reason: "of Keras's networks only \(Network.inceptionV3.name) is read, not \(network?.name ?? "")")
            }
            self = .keras(try KerasWeights(contentsOf: path, width: width), path: path, width: width)
        } else {
            self = .pyTorch(try PyTorchWeights(StateDictionary(contentsOf: path), network: network), path: path)
        }
    }

    var network: Network {
        switch self {
        case .keras: .inceptionV3
        case .pyTorch(let weights, _): weights.network
        }
    }

    func writer(published: PublishedModel?) -> ModelWriter {
        switch self {
        case .keras(let weights, let path, let width):
            KerasImporter.writer(weights, path: path, published: published, width: width)
        case .pyTorch(let weights, let path):
            ModelWriter(
                network: weights.network, width: .full,
                source: published?.url ?? "PyTorch weights, \(ModelName.fileName(of: path))",
                licence: published?.licence ?? "unknown", recipe: nil, tensors: weights.tensors,
                values: weights.tensor(named:))
        }
    }

    private static func beginsWithHDF5Signature(_ path: String) -> Bool {
        guard let file = fopen(path, "rbe") else { return false }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: hdf5Signature.count)
        return fread(&bytes, 1, bytes.count, file) == bytes.count && bytes == hdf5Signature
    }
}
