import FoundationEssentials

/// The JSON header of a safetensors file: <https://huggingface.co/docs/safetensors>.
struct SafetensorsHeader: Codable {
    struct Entry: Codable {
        let dtype: String
        let shape: [Int]
        /// Start and end in the data section, in bytes.
        let dataOffsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case dataOffsets = "data_offsets"
        }
    }

    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]

    private struct Name: CodingKey {
        static let metadata = Name(stringValue: "__metadata__")

        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for name in container.allKeys {
            if name.stringValue == Name.metadata.stringValue {
                metadata = try container.decode([String: String].self, forKey: name)
            } else {
                entries[name.stringValue] = try container.decode(Entry.self, forKey: name)
            }
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        try container.encode(metadata, forKey: Name.metadata)
        for (name, entry) in entries {
            try container.encode(entry, forKey: Name(stringValue: name))
        }
    }

    /// The header, preceded by its length and padded with blanks so that the data after it is aligned to 64 bytes.
    func serialized() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var json = [UInt8](try encoder.encode(self))
        while (json.count + 8) % 64 != 0 { json.append(UInt8(ascii: " ")) }
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { [UInt8]($0) } + json
    }
}
