import FoundationEssentials

/// A request as JSON: `{"image": "base64 or a data URL", "recipe": {"steps": 10, "layers": ["e11", "d11"]}}`, or with
/// the fields beside the image.
struct JSONRequest: Decodable {
    /// A field's value.
    enum Value: Decodable {
        case text(String)
        case list([Value])
        case null

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                self = .text(String(flag))
            } else if let number = try? container.decode(UInt64.self) {
                self = .text(String(number))
            } else if let number = try? container.decode(Double.self) {
                self = .text("\(number)")
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .list(try container.decode([Value].self))
            }
        }

        /// As it stands in a form: the members of a list are separated by commas. Nil for null.
        var text: String? {
            switch self {
            case .text(let text): text
            case .list(let values): values.compactMap(\.text).joined(separator: ",")
            case .null: nil
            }
        }
    }

    /// Files as base64 or data URLs, by the names of their fields.
    let files: [String: String]
    let fields: [String: Value]

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let vocabulary = decoder.userInfo.values.compactMap { $0 as? RequestVocabulary }.first ?? .dream
        var files: [String: String] = [:]
        for name in vocabulary.files {
            files[name] = try container.decodeIfPresent(String.self, forKey: Key(stringValue: name))
        }
        self.files = files
        guard let member = vocabulary.jsonMember else {
            let names = container.allKeys.filter { !vocabulary.files.contains($0.stringValue) }
            fields = try names.reduce(into: [:]) { $0[$1.stringValue] = try container.decode(Value.self, forKey: $1) }
            return
        }
        let key = Key(stringValue: member)
        var fields: [String: Value]
        if let text = try? container.decode(String.self, forKey: key) {
            fields = [member: .text(text)]
        } else {
            fields = try container.decodeIfPresent([String: Value].self, forKey: key) ?? [:]
        }
        for name in vocabulary.besideJSONMember {
            fields[name] = try container.decodeIfPresent(Value.self, forKey: Key(stringValue: name)) ?? fields[name]
        }
        self.fields = fields
        let allowed = vocabulary.files + [member] + vocabulary.besideJSONMember
        if let other = container.allKeys.first(where: { !allowed.contains($0.stringValue) }) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: [other],
                    debugDescription: "the object has the members \(allowed.joined(separator: ", ")), "
                        + "and the recipe's fields belong into 'recipe'"))
        }
    }

    /// - Throws: a `Problem` that says where the JSON is not such a request.
    init(_ bytes: [UInt8], _ vocabulary: RequestVocabulary) throws(Problem) {
        let decoder = JSONDecoder()
        if let key = CodingUserInfoKey(rawValue: "vocabulary") { decoder.userInfo[key] = vocabulary }
        self = try JSON.document(bytes, with: decoder, example: vocabulary.jsonExample)
    }
}
