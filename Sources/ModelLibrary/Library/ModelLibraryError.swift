/// Why the library has no such model.
public enum ModelLibraryError: Error, Equatable, Sendable {
    case invalidName(String)
    case unknownModel(String, known: [String], directories: [String])
    /// The file has weights in another program's format.
    case notImported(file: String)
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
        case .notImported(let file):
            "\(file) is not a model file; import it with 'deepdream model import \(file)', and give the name that this "
                + "prints"
        }
    }
}
