/// Why the library has no such model.
public enum ModelLibraryError: Error, Equatable, Sendable {
    case invalidName(String)
    case unknownModel(String, known: [String], directories: [String])
}

extension ModelLibraryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidName(let name):
            "'\(name)' cannot be the name of a model; allowed: letters, digits, '.', '_' and '-', the first a letter "
                + "or digit, 128 at most"
        case .unknownModel(let name, let known, let directories):
            "there is no model '\(name)'; the models are \(known.joined(separator: ", ")) "
                + "(searched: \(directories.joined(separator: ", ")))"
        }
    }
}
