import VisionNet

/// Why a recipe was not accepted.
public enum RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownField(name: String, allowed: [String])
    case invalidValue(field: String, value: String, allowed: String)
    case repeatedField(name: String)

    public var description: String {
        switch self {
        case .unknownField(let name, let allowed):
            "there is no field '\(name)'; the fields are \(allowed.joined(separator: ", "))"
        case .invalidValue(let field, let value, let allowed):
            "\(field) cannot be '\(value)'; allowed: \(allowed)"
        case .repeatedField(let name):
            "the field '\(name)' is given more than once"
        }
    }
}

/// Several fields under one name.
public enum Preset: String, CaseIterable, Sendable {
    /// The model's own recommendation.
    case recommended
    /// The old Flask program's: 225×225, `mixed3` and `mixed5`, 100 plain steps of 0.01.
    case classic
}

extension Recipe {
    /// Sets the fields that `pairs` names; a `preset` is applied first, wherever it stands.
    ///
    /// - Throws: `RecipeError` for an unknown or repeated name, or a value that its field does not allow.
    public mutating func apply(_ pairs: [(name: String, value: String)]) throws(RecipeError) {
        var seen: Set<String> = []
        for (name, _) in pairs {
            guard Recipe.fieldNames.contains(name) else {
                throw .unknownField(name: name, allowed: Recipe.fieldNames)
            }
            guard seen.insert(name).inserted else { throw .repeatedField(name: name) }
        }
        for (name, value) in pairs where name == "preset" {
            guard let preset = Preset(rawValue: value) else {
                let allowed = Preset.allCases.map(\.rawValue).joined(separator: " or ")
                throw .invalidValue(field: name, value: value, allowed: allowed)
            }
            apply(preset)
        }
        for field in Recipe.fields {
            for (name, value) in pairs where name == field.name {
                guard field.set(&self, value) else {
                    throw .invalidValue(field: name, value: value, allowed: field.allowed)
                }
            }
        }
    }

    /// Replaces what the preset decides; `recommended` is what a recipe starts as, so it changes nothing.
    private mutating func apply(_ preset: Preset) {
        switch preset {
        case .recommended:
            break
        case .classic:
            let (format, quality) = (format, quality)
            self = .plain(model: model)
            size = .exact(width: 225, height: 225)
            (self.format, self.quality) = (format, quality)
        }
    }

    /// Checks every field, as a recipe may be made by hand, and that the model has the layers and the processor the
    /// precision.
    ///
    /// - Throws: `RecipeError.invalidValue` for the first field that is not allowed or layer that the model lacks.
    public func validate(for model: VisionModel) throws(RecipeError) {
        for field in Recipe.fields {
            var copy = self
            guard field.set(&copy, field.text(self)) else {
                throw .invalidValue(field: field.name, value: field.text(self), allowed: field.allowed)
            }
        }
        guard precision.isAvailable else {
            let available = Precision.allCases.filter(\.isAvailable).map(\.rawValue).joined(separator: " or ")
            throw .invalidValue(
                field: "precision", value: precision.rawValue,
                allowed: "\(available); this processor has no products of bfloat16")
        }
        _ = try objective(in: model)
    }

    /// Every field in canonical order as `name=value` joined by `&`: usable as the query that repeats the dream.
    public var canonical: String {
        Recipe.fields.map { "\($0.name)=\($0.text(self))" }.joined(separator: "&")
    }

    /// The pairs of a canonical text.
    package static func pairs(of text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
        }
    }
}

/// A recipe is coded as an object of its fields' texts, so that its JSON reads like its query.
extension Recipe: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for field in Recipe.fields {
            try container.encode(field.text(self), forKey: Key(stringValue: field.name))
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self = .plain(model: "")
        try apply(container.allKeys.map { ($0.stringValue, try container.decode(String.self, forKey: $0)) })
    }
}
