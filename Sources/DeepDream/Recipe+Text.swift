extension Recipe {
    /// The most bytes that the text form of a recipe can have; far more than all fields need.
    package static let longestText = 65_535

    /// Sets the fields that `pairs` names. A `preset` is applied first, wherever in the list it is.
    ///
    /// - Parameter presets: those that `preset` can name.
    /// - Throws: `RecipeError` for an unknown or repeated name, or a value that its field does not allow.
    public mutating func apply(
        _ pairs: [(name: String, value: String)], presets: [Preset] = Preset.all
    ) throws(RecipeError) {
        var seen: Set<String> = []
        for (name, _) in pairs {
            guard Recipe.fieldNames.contains(name) else {
                throw .unknownField(name: name, allowed: Recipe.fieldNames)
            }
            guard seen.insert(name).inserted else { throw .repeatedField(name: name) }
        }
        for (name, value) in pairs where name == "preset" {
            try apply(Preset.named(value, of: presets))
        }
        for field in Recipe.fields {
            for (name, value) in pairs where name == field.name {
                guard field.set(&self, value) else {
                    let suggestion = field.suggestion(value).map { "; did you mean \($0)?" } ?? ""
                    throw .invalidValue(field: name, value: value, allowed: field.allowed + suggestion)
                }
            }
        }
    }

    /// Sets the fields that the preset decides.
    private mutating func apply(_ preset: Preset) throws(RecipeError) {
        if preset.startsPlain {
            let old = self
            self = .plain(model: model)
            (format, quality, keep) = (old.format, old.quality, old.keep)
            (background, metadata, damaged) = (old.background, old.metadata, old.damaged)
        }
        preset.intensity?.apply(to: &self)
        try apply(Recipe.pairs(of: preset.changes))
    }

    /// Every field in canonical order, as `name=value` joined by `&`: the query of a request that repeats the dream.
    /// Characters that a query must not contain (RFC 3986) are escaped: `[` is written as `%5B`.
    public var canonical: String {
        Recipe.fields.map { "\($0.name)=\(Self.escaped($0.text(self)))" }.joined(separator: "&")
    }

    /// The characters of values that a query must not have, and how it has them.
    private static let escapes = [("[", "%5B"), ("]", "%5D"), (" ", "%20"), ("+", "%2B")]

    /// The text that ``pairs(of:)`` reads back.
    static func text(ofPairs pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\($0.name)=\(escaped($0.value))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        escapes.reduce(text) { $0.split(separator: $1.0, omittingEmptySubsequences: false).joined(separator: $1.1) }
    }

    private static func unescaped(_ text: Substring) -> String {
        escapes.reduce(String(text)) {
            $0.split(separator: $1.1, omittingEmptySubsequences: false).joined(separator: $1.0)
        }
    }

    /// The pairs of a canonical text.
    package static func pairs(of text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count == 2 ? unescaped(parts[1]) : "")
        }
    }
}
