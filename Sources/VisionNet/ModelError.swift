/// Why a model could not be loaded or used.
public enum ModelError: Error, Equatable, Sendable {
    case unreadable(file: String, reason: String)
    case unwritable(file: String, reason: String)
    case malformed(file: String, reason: String)
    case missingTensor(name: String, file: String)
    case wrongShape(tensor: String, found: [Int], expected: [Int], file: String)
    case unusableValue(tensor: String, index: Int, value: Float, allowed: String)
    case unsupportedNetwork(String, supported: [String])
    case unknownLayer(String, known: [String])
    case unknownChannel(layer: String, channel: Int, count: Int)
    case noLayers
    case inputTooSmall(width: Int, height: Int, minimum: Int)
    case unavailableInstructionSet(String, available: [String])
    case unavailablePrecision(Precision, reason: String)
}

extension ModelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)"
        case .unwritable(let file, let reason):
            "\(file) cannot be written: \(reason)"
        case .malformed(let file, let reason):
            "\(file) is not a model of this project: \(reason)"
        case .missingTensor(let name, let file):
            "\(file) has no tensor '\(name)'"
        case .wrongShape(let tensor, let found, let expected, let file):
            "\(file): tensor '\(tensor)' has the shape \(found); the network needs \(expected)"
        case .unusableValue(let tensor, let index, let value, let allowed):
            "tensor '\(tensor)' has \(value) at \(index); allowed: \(allowed)"
        case .unsupportedNetwork(let name, let supported):
            "unknown network '\(name)'; supported: \(supported.joined(separator: ", "))"
        case .unknownLayer(let name, let known):
            "unknown layer '\(name)'; the model's layers are \(known.joined(separator: ", "))"
        case .unknownChannel(let layer, let channel, let count):
            "layer '\(layer)' has no channel \(channel); its channels are 0 to \(count - 1)"
        case .noLayers:
            "an objective needs at least one layer and channel"
        case .inputTooSmall(let width, let height, let minimum):
            "a picture of \(width)×\(height) is too small; each side needs at least \(minimum) pixels"
        case .unavailableInstructionSet(let name, let available):
            "this CPU cannot run the instruction set '\(name)'; available: \(available.joined(separator: ", "))"
        case .unavailablePrecision(let precision, let reason):
            "precision '\(precision.rawValue)' is not available: \(reason)"
        }
    }
}
