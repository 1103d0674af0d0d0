import DeepDream

/// A field of a recipe for programs, in the terms of JSON Schema: a part of the answer to `GET /models`.
struct FieldDocument: Encodable {
    /// A value in the field's own type.
    enum Value: Encodable {
        case integer(UInt64)
        case number(Double)
        case flag(Bool)
        case numbers([Double])
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .flag(let value): try container.encode(value)
            case .numbers(let values): try container.encode(values)
            case .text(let text): try container.encode(text)
            }
        }
    }

    /// What is allowed of the members of a list.
    struct Items: Encodable {
        let type = "number"
        let minimum, maximum: Double

        enum CodingKeys: CodingKey { case type, minimum, maximum }
    }

    let name, summary, allowed: String
    private(set) var type = "string"
    private(set) var minimum, maximum, exclusiveMinimum: Value?
    private(set) var choices: [String]?
    private(set) var items: Items?
    private(set) var minItems, maxItems: Int?
    /// What the numbers count.
    let unit: String?
    /// The value for requests that do not name a model, a preset or this field.
    let `default`: Value

    enum CodingKeys: String, CodingKey {
        case name, summary, allowed, type, minimum, maximum, exclusiveMinimum, choices = "enum", items, minItems
        case maxItems, unit, `default`
    }

    private init(name: String, summary: String, allowed: String, choices: [String], default value: String) {
        (self.name, self.summary, self.allowed, self.choices) = (name, summary, allowed, choices)
        unit = nil
        `default` = .text(value)
    }

    /// - Parameter text: the field's default, as it stands in a recipe.
    init(_ field: RecipeField, default text: String) {
        (name, summary, allowed, unit) = (field.name, field.summary, field.allowed, field.unit)
        var value: Value?
        switch field.type {
        case .integer(let range):
            type = "integer"
            (minimum, maximum) = (.integer(range.lowerBound), .integer(range.upperBound))
            value = UInt64(text).map(Value.integer)
        case .number(let range, let isAboveLeast):
            type = "number"
            if isAboveLeast {
                exclusiveMinimum = .number(range.lowerBound)
            } else {
                minimum = .number(range.lowerBound)
            }
            maximum = .number(range.upperBound)
            value = Double(text).map(Value.number)
        case .flag:
            type = "boolean"
            value = Bool(text).map(Value.flag)
        case .choice(let words):
            choices = words
        case .numbers(let range, let count):
            type = "array"
            items = Items(minimum: range.lowerBound, maximum: range.upperBound)
            (minItems, maxItems) = (count.lowerBound, count.upperBound)
            value = .numbers(text.split(separator: ",").compactMap { Double($0) })
        case .text: break
        }
        `default` = value ?? .text(text)
    }

    /// The field that sets several others.
    ///
    /// - Parameter presets: those there are.
    static func preset(of presets: [Preset]) -> FieldDocument {
        let names = presets.map(\.name)
        return FieldDocument(
            name: "preset", summary: "several fields at once, before the others are set",
            allowed: names.joined(separator: ", "), choices: names, default: "recommended")
    }
}
