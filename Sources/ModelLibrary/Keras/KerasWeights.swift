import VisionNet

/// The weights of InceptionV3 in a file that Keras wrote, by this project's names of tensors.
///
/// All shapes are checked when the file is opened; values are read when they are needed.
public final class KerasWeights: WeightSource {
    /// A tensor's place in the file, and its shape.
    private struct Entry {
        let dataset: String
        let shape: [Int]
    }

    /// Names and shapes of all tensors in the order of the network's description.
    public let tensors: [(name: String, shape: [Int])]
    private let entries: [String: Entry]
    private let file: HDF5File

    /// Opens an HDF5 file: the official `inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5`, a legacy `.h5`
    /// of weights or of a whole model, or a Keras 3 `.weights.h5`.
    ///
    /// Layers are identified by the numbers at the end of their names, which increase in the order in which Keras's
    /// `inception_v3.py` creates the layers; they may start anywhere. A classifier on top is ignored.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - width: the width of the network; it is `.full` for the published weights.
    /// - Throws: `KerasFileError`.
    public init(contentsOf path: String, width: Width = .full) throws {
        let file = try HDF5File(path: path)
        let layers = try KerasLayers.read(file)
        let network = Network.inceptionV3.graph(width: width).convolutions
        let convolutions = try Self.ordered(
            // A classifier has a kernel too, but one of two dimensions.
            layers.filter { layer in
                guard layer.kind == .convolution, let kernel = layer.datasets[.kernel] else { return false }
                return try file.shape(of: kernel)?.count != 2
            }, of: "convolutions", count: network.count, file)
        let norms = try Self.ordered(
            layers.filter { $0.kind == .normalization }, of: "BatchNorms", count: network.count, file)

        var tensors: [(name: String, shape: [Int])] = []
        var entries: [String: Entry] = [:]
        for (convolution, (kernel, norm)) in zip(network, zip(convolutions, norms)) {
            for role in KerasLayer.Role.allCases {
                let layer = role == .kernel ? kernel : norm
                let name = "\(convolution.name).\(role.rawValue)"
                guard let dataset = layer.datasets[role] else {
                    if role == .gamma { continue }  // InceptionV3's BatchNorms have no scale
                    throw KerasFileError.missingTensor(name: name, layer: layer.name, file: path)
                }
                let expected = role == .kernel ? convolution.kernelShape : [convolution.outputs]
                guard let found = try file.shape(of: dataset) else {
                    throw KerasFileError.missingTensor(name: name, layer: layer.name, file: path)
                }
                guard found == expected else {
                    throw KerasFileError.wrongShape(
                        tensor: name, dataset: dataset, found: found, expected: expected, file: path)
                }
                tensors.append((name, expected))
                entries[name] = Entry(dataset: dataset, shape: expected)
            }
        }
        self.file = file
        self.tensors = tensors
        self.entries = entries
    }

    /// Layers in the order of creation, as many as the network has.
    private static func ordered(
        _ layers: [KerasLayer], of kind: String, count: Int, _ file: HDF5File
    ) throws -> [KerasLayer] {
        guard layers.count == count else {
            throw KerasFileError.foreign(
                file: file.path, reason: "it has \(layers.count) \(kind); InceptionV3 has \(count)")
        }
        let sorted = layers.sorted { $0.number < $1.number }
        for (first, second) in zip(sorted, sorted.dropFirst()) where first.number == second.number {
            throw KerasFileError.foreign(
                file: file.path,
                reason: "the names '\(first.name)' and '\(second.name)' do not tell which layer was created first")
        }
        return sorted
    }

    public func contains(_ name: String) -> Bool { entries[name] != nil }

    public func check(_ name: String, shape: [Int]) throws {
        guard let entry = entries[name] else { throw ModelError.missingTensor(name: name, file: file.path) }
        guard entry.shape == shape else {
            throw ModelError.wrongShape(tensor: name, found: entry.shape, expected: shape, file: file.path)
        }
    }

    /// - Throws: `KerasFileError` if the values are damaged or cannot be weights; `ModelError` as `WeightSource` says.
    public func tensor(named name: String, shape: [Int]) throws -> [Float] {
        try check(name, shape: shape)
        return try tensor(named: name)
    }

    /// The tensor of this name in the shape that ``tensors`` says.
    func tensor(named name: String) throws -> [Float] {
        guard let entry = entries[name] else { throw ModelError.missingTensor(name: name, file: file.path) }
        let values = try file.values(of: entry.dataset, shape: entry.shape)
        let isVariance = name.hasSuffix(KerasLayer.Role.movingVariance.rawValue)
        guard values.allSatisfy({ $0.isFinite && !(isVariance && $0 < 0) }) else {
            throw KerasFileError.invalidValues(tensor: name, dataset: entry.dataset, file: file.path)
        }
        return values
    }
}
