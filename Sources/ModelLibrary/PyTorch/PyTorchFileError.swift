/// Why a PyTorch file could not be read.
public enum PyTorchFileError: Error, Equatable, Sendable {
    /// The file cannot be opened.
    case unreadable(file: String, reason: String)
    /// The first bytes are of no format that is read here.
    case unknownFormat(file: String)
    /// The file is cut off, or its parts contradict each other.
    case damaged(file: String, reason: String)
    /// The file is sound, but has a form that is not read here; `reason` says what to do.
    case unsupported(file: String, reason: String)
    /// The pickle uses an instruction that state dictionaries do not need.
    case unsupportedOpcode(UInt8, offset: Int, file: String)
    /// The pickle refers to a Python class or function that state dictionaries do not need.
    case unsupportedGlobal(String, file: String)
    /// The pickle is sound, but is no dictionary of tensors.
    case noStateDictionary(file: String, reason: String)
    /// The tensors are of no network that is known here.
    case unknownNetwork(file: String, known: [String])
    /// A tensor that the network has no use for.
    case foreignTensor(name: String, network: String, file: String)
    /// A tensor does not fit its storage.
    case unusableTensor(name: String, reason: String, file: String)
}

extension PyTorchFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)"
        case .unknownFormat(let file):
            "\(file) is neither a PyTorch file (.pth, .pt), nor a wheel with one, nor a safetensors file"
        case .damaged(let file, let reason):
            "\(file) is damaged: \(reason); download or save it again"
        case .unsupported(let file, let reason):
            "\(file) cannot be used: \(reason)"
        case .unsupportedOpcode(let opcode, let offset, let file):
            "\(file): its pickle has the instruction 0x\(String(opcode, radix: 16)) at byte \(offset), which no state "
                + "dictionary needs; \(Self.advice)"
        case .unsupportedGlobal(let name, let file):
            "\(file): its pickle refers to '\(name)', which no state dictionary needs; \(Self.advice)"
        case .noStateDictionary(let file, let reason):
            "\(file) is no state dictionary: \(reason); \(Self.advice)"
        case .unknownNetwork(let file, let known):
            "\(file) holds the weights of no network that can be imported; these can: "
                + "\(known.joined(separator: ", ")); with --network and one of them, the error says which tensor does "
                + "not fit"
        case .foreignTensor(let name, let network, let file):
            "\(file): the tensor '\(name)' has no place in \(network); import the network's published state dictionary"
        case .unusableTensor(let name, let reason, let file):
            "\(file): the tensor '\(name)' cannot be used: \(reason)"
        }
    }

    private static let advice = "save the weights alone in Python: torch.save(model.state_dict(), \"FILE.pth\")"
}
