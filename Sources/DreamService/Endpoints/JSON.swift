import FoundationEssentials

/// Encodes JSON with the members in alphabetical order, so that equal documents give equal bytes.
enum JSON {
    static func bytes(of document: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(document)) + [UInt8(ascii: "\n")]
        } catch {
            // The service's documents have only strings and finite numbers, which can always be encoded.
            preconditionFailure("\(type(of: document)) cannot be JSON: \(error)")
        }
    }
}
