/// Why a recipe was not accepted.
public enum RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownField(name: String, allowed: [String])
    case invalidValue(field: String, value: String, allowed: String)
    case repeatedField(name: String)
    /// The field's value is allowed, but not beside another field's, or without a picture that is missing.
    case contradiction(field: String, value: String, reason: String)

    public var description: String {
        switch self {
        case .unknownField(let name, let allowed):
            "there is no field '\(name)'; the fields are \(allowed.joined(separator: ", "))"
        case .invalidValue(let field, let value, let allowed):
            "\(field) cannot be '\(value)'; allowed: \(allowed)"
        case .repeatedField(let name):
            "the field '\(name)' is given more than once"
        case .contradiction(let field, let value, let reason):
            "\(field) cannot be '\(value)' here: \(reason)"
        }
    }
}
