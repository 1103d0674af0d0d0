import DeepDream
import Yams

/// The description of the service's interface for programs, in the terms of OpenAPI 3.1
/// (https://spec.openapis.org/oas/v3.1.1).
///
/// The recipe's fields follow from `Recipe.fields`; all else stands in `openapi.yaml`.
struct OpenAPIDocument {
    /// The document as YAML and as JSON, which have the same content.
    let yaml, json: [UInt8]

    /// The paths whose POST takes a recipe.
    private static let recipePaths = ["/deepdream", "/jobs"]

    /// - Throws: what is wrong with `openapi.yaml`.
    init() throws {
        var root = try Yams.compose(yaml: String(decoding: PackageResources.openapi_yaml, as: UTF8.self)) ?? [:]
        root["info"]?["version"] = Node(Version.current, Tag(.str), .doubleQuoted)
        let fields = Recipe.fields.map { FieldDocument($0, default: "") } + [.preset(of: Preset.all)]
        for field in fields {
            root["components"]?["schemas"]?["Recipe"]?["properties"]?[field.name] = Self.schema(of: field)
            root["components"]?["schemas"]?["Form"]?["properties"]?[field.name] = Self.formSchema(of: field)
            root["components"]?["parameters"]?[field.name] = Self.parameter(for: field)
        }
        let references = fields.map { field in
            let pairs: [(Node, Node)] = [("$ref", Node("#/components/parameters/\(field.name)", Tag(.str)))]
            return Node(pairs)
        }
        for path in Self.recipePaths {
            let own = root["paths"]?[path]?["post"]?["parameters"]?.sequence.map { Array($0) } ?? []
            root["paths"]?[path]?["post"]?["parameters"] = Node(own + references)
        }
        yaml = Array(try Yams.serialize(node: root, width: 120, allowUnicode: true).utf8)
        json = JSON.bytes(of: JSONNode(node: root))
    }

    // MARK: A recipe's field

    /// The field in JSON and in a query.
    private static func schema(of field: FieldDocument) -> Node {
        var pairs: [(Node, Node)] = [("type", Node(field.type)), description(of: field)]
        let bounds = [
            ("minimum", field.minimum), ("exclusiveMinimum", field.exclusiveMinimum), ("maximum", field.maximum),
        ]
        pairs += bounds.compactMap { name, bound in bound.map { (Node(name), Node($0.text)) } }
        // Configured presets are not known here.
        if let choices = field.choices, field.name != "preset" {
            pairs.append(("enum", Node(choices.map { Node($0, Tag(.str)) }, Tag(.seq), .flow)))
        }
        if let items = field.items {
            let range: [(Node, Node)] = [
                ("type", Node(items.type)), ("minimum", number(items.minimum)), ("maximum", number(items.maximum)),
            ]
            pairs.append(("items", Node(range)))
        }
        let counts = [("minItems", field.minItems), ("maxItems", field.maxItems)]
        pairs += counts.compactMap { name, count in count.map { (Node(name), Node(String($0))) } }
        return Node(pairs)
    }

    /// The field in a form, where a list is text with commas.
    private static func formSchema(of field: FieldDocument) -> Node {
        guard field.type == "array" else { return schema(of: field) }
        let pairs: [(Node, Node)] = [("type", "string"), description(of: field)]
        return Node(pairs)
    }

    private static func parameter(for field: FieldDocument) -> Node {
        var pairs: [(Node, Node)] = [("name", Node(field.name)), ("in", "query"), ("schema", schema(of: field))]
        if field.type == "array" { pairs += [("style", "form"), ("explode", "false")] }
        return Node(pairs)
    }

    private static func description(of field: FieldDocument) -> (Node, Node) {
        let unit = field.unit.map { " Unit: \($0)." } ?? ""
        let summary = field.summary.prefix(1).uppercased() + field.summary.dropFirst()
        return ("description", Node("\(summary). Allowed: \(field.allowed).\(unit)", Tag(.str)))
    }

    private static func number(_ value: Double) -> Node { Node(FieldDocument.Value.number(value).text) }
}

extension FieldDocument.Value {
    /// A number as YAML and JSON have it.
    fileprivate var text: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): value == value.rounded() ? String(Int(value)) : String(value)
        case .flag(let value): String(value)
        case .numbers(let values): "\(values)"
        case .text(let text): text
        }
    }
}

/// A YAML document as JSON.
private struct JSONNode: Encodable {
    let node: Node

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch node {
        case .mapping(let mapping):
            var container = encoder.container(keyedBy: Key.self)
            for (key, value) in mapping {
                try container.encode(JSONNode(node: value), forKey: Key(stringValue: key.string ?? ""))
            }
        case .sequence(let sequence):
            var container = encoder.unkeyedContainer()
            for value in sequence { try container.encode(JSONNode(node: value)) }
        case .scalar(let scalar):
            var container = encoder.singleValueContainer()
            if scalar.style != .plain && scalar.style != .any || node.tag == Tag(.str) {
                try container.encode(scalar.string)
            } else if let flag = node.bool {
                try container.encode(flag)
            } else if let number = UInt64(scalar.string) {
                try container.encode(number)
            } else if let number = node.float {
                try container.encode(number)
            } else {
                try container.encode(scalar.string)
            }
        case .alias: break
        }
    }
}
