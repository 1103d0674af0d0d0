/// One field of a recipe as people write it: its name, what it does, what is allowed, and how it is read and written.
public struct RecipeField: Sendable {
    /// The name in forms, queries and the command's options (there with `-` for `_`), such as `step_size`.
    public let name: String
    /// One line for help texts.
    public let summary: String
    /// What a value may be, for help texts and errors.
    public let allowed: String

    /// The same, as far as it can be told to programs.
    public private(set) var type = RecipeValueType.text
    /// What numbers count: `pixels`; nil for bare numbers.
    public private(set) var unit: String?

    /// The longest value in bytes of UTF-8. Longer values are refused without parsing them, because strangers can send
    /// them.
    static let longestText = 4096

    /// Sets the field from text; false where the text is not allowed.
    package let set: @Sendable (inout Recipe, String) -> Bool
    /// The field's value as text that `set` reads back.
    package let text: @Sendable (Recipe) -> String
    /// Whether the field's value is allowed.
    package let isAllowed: @Sendable (Recipe) -> Bool

    /// What somebody may have meant who gave a value that is not allowed, such as `max:1024`; nil if that is not clear.
    let suggestion: @Sendable (String) -> String?

    /// - Parameters:
    ///   - parse: makes a value from text; nil if the text is not of the right form.
    ///   - print: writes a value so that `parse` reads it back.
    ///   - isAllowed: whether a value may be used; values that were set in code are checked, too.
    init<Value>(
        _ name: String, _ path: WritableKeyPath<Recipe, Value> & Sendable, _ summary: String, allowed: String,
        parse: @escaping @Sendable (String) -> Value?, print: @escaping @Sendable (Value) -> String,
        isAllowed: @escaping @Sendable (Value) -> Bool = { _ in true },
        suggestion: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.name = name
        self.summary = summary
        self.allowed = allowed
        self.suggestion = { $0.utf8.count <= Self.longestText ? suggestion($0) : nil }
        self.isAllowed = { isAllowed($0[keyPath: path]) }
        set = { recipe, text in
            guard text.utf8.count <= Self.longestText, let value = parse(text), isAllowed(value) else { return false }
            recipe[keyPath: path] = value
            return true
        }
        text = { print($0[keyPath: path]) }
    }

    /// This field, with the type that programs are told.
    func typed(_ type: RecipeValueType) -> RecipeField {
        var field = self
        field.type = type
        return field
    }

    /// This field, with the unit of its numbers.
    func counting(_ unit: String) -> RecipeField {
        var field = self
        field.unit = unit
        return field
    }

    /// A field whose value is a whole number, at least 0, in a range.
    static func integer(
        _ name: String, _ path: WritableKeyPath<Recipe, Int> & Sendable, _ summary: String, in range: ClosedRange<Int>
    ) -> RecipeField {
        RecipeField(
            name, path, summary, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { Int($0) }, print: { String($0) }, isAllowed: range.contains
        ).typed(.integer(UInt64(range.lowerBound)...UInt64(range.upperBound)))
    }

    /// A field whose value is a number in a range.
    static func number(
        _ name: String, _ path: WritableKeyPath<Recipe, Double> & Sendable, _ summary: String,
        in range: ClosedRange<Double>
    ) -> RecipeField {
        RecipeField(
            name, path, summary,
            allowed: "a number from \(Text.of(number: range.lowerBound)) to \(Text.of(number: range.upperBound))",
            parse: Text.number(in:), print: Text.of(number:), isAllowed: range.contains
        ).typed(.number(range))
    }

    /// A field whose value is one of a few words.
    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: WritableKeyPath<Recipe, Value> & Sendable, _ summary: String
    ) -> RecipeField {
        RecipeField(
            name, path, summary, allowed: Text.alternatives(Value.allCases.map(\.rawValue)),
            parse: { Value(rawValue: $0) }, print: { $0.rawValue }
        ).typed(.choice(Value.allCases.map(\.rawValue)))
    }

    /// A field that is on or off.
    static func flag(
        _ name: String, _ path: WritableKeyPath<Recipe, Bool> & Sendable, _ summary: String
    ) -> RecipeField {
        RecipeField(name, path, summary, allowed: "true or false", parse: { Bool($0) }, print: { String($0) })
            .typed(.flag)
    }
}
