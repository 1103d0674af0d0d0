import FoundationEssentials

/// The service's JSON: members in alphabetical order, so that equal documents are equal bytes.
enum JSON {
    static func bytes(of document: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(document)) + [UInt8(ascii: "\n")]
        } catch {
            // Documents of strings and finite numbers, which is what the service has, always encode.
            preconditionFailure("\(type(of: document)) cannot be JSON: \(error)")
        }
    }
}
