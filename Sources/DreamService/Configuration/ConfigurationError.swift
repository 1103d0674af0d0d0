/// Why the service cannot start as configured.
public enum ConfigurationError: Error, Equatable, Sendable {
    /// Where a setting was given.
    public enum Source: Equatable, Sendable, CustomStringConvertible {
        case file(path: String, line: Int)
        case environment(variable: String)
        case flag(name: String)

        public var description: String {
            switch self {
            case .file(let path, let line): "\(path):\(line)"
            case .environment(let variable): "environment variable \(variable)"
            case .flag(let name): "flag --\(name)"
            }
        }
    }

    case unknownSetting(name: String, source: Source, known: [String])
    case repeatedSetting(name: String, source: Source)
    case invalidValue(setting: String, source: Source, value: String, allowed: String)
    case unreadableFile(path: String, reason: String)
    case malformedFile(path: String, line: Int, reason: String)
    /// A preset that cannot be used.
    case invalidPreset(name: String, source: Source, reason: String)
    /// Settings whose values are allowed, but not together. The text names them and says what to change.
    case conflict(String)
}

extension ConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownSetting(let name, let source, let known):
            "\(source): there is no setting '\(name)'; the settings are \(known.joined(separator: ", "))"
        case .repeatedSetting(let name, let source):
            "\(source): '\(name)' is set more than once; set it once"
        case .invalidValue(let setting, let source, let value, let allowed):
            "\(source): \(setting) cannot be '\(value)'; allowed: \(allowed)"
        case .unreadableFile(let path, let reason):
            "the configuration file \(path) cannot be read: \(reason)"
        case .malformedFile(let path, let line, let reason):
            "\(path):\(line): \(reason)"
        case .invalidPreset(let name, let source, let reason):
            "\(source): the preset '\(name)' cannot be used: \(reason)"
        case .conflict(let reason):
            reason
        }
    }
}
