/// Why a file of Keras weights could not be imported.
public enum KerasFileError: Error, Equatable, Sendable {
    /// The file cannot be opened.
    case unreadable(file: String, reason: String)
    /// It is not HDF5, or its HDF5 structure is damaged or cut off.
    case damaged(file: String, reason: String)
    /// It is a valid HDF5 file, but does not hold this network's weights.
    case foreign(file: String, reason: String)
    /// A layer lacks one of its tensors.
    case missingTensor(name: String, layer: String, file: String)
    /// A tensor has another shape than the network needs; `dataset` is its place in the file.
    case wrongShape(tensor: String, dataset: String, found: [Int], expected: [Int], file: String)
    /// A tensor holds infinities, NaN or a negative variance.
    case invalidValues(tensor: String, dataset: String, file: String)
}

extension KerasFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)"
        case .damaged(let file, let reason):
            "\(file) is damaged or not a file of Keras weights: \(reason)"
        case .foreign(let file, let reason):
            "\(file) does not hold the weights of this network: \(reason)"
        case .missingTensor(let name, let layer, let file):
            "\(file): the layer '\(layer)' lacks the tensor '\(name)'"
        case .wrongShape(let tensor, let dataset, let found, let expected, let file):
            "\(file): tensor '\(tensor)' ('\(dataset)') has the shape \(found); the network needs \(expected)"
        case .invalidValues(let tensor, let dataset, let file):
            "\(file): tensor '\(tensor)' ('\(dataset)') holds values that cannot be weights (NaN, infinite or a "
                + "negative variance)"
        }
    }
}
