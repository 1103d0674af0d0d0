import FoundationEssentials

/// Documents in JSON.
enum JSON {
    /// How many values a request can have, and how many of them inside each other. Foundation takes microseconds for
    /// each value and, where it is not what the decoder expects, longer the deeper it is: a kilobyte can take a second.
    private static let mostValues = 10_000
    private static let deepest = 8

    /// Reads a request's document.
    ///
    /// - Parameter example: what such a document looks like, for messages.
    /// - Throws: a `Problem` that says where the JSON is not such a document.
    static func document<Document: Decodable>(
        _ bytes: [UInt8], with decoder: JSONDecoder = JSONDecoder(), example: String
    ) throws(Problem) -> Document {
        do {
            if let reason = bytes.withUnsafeBytes(excess) {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: reason))
            }
            return try decoder.decode(Document.self, from: Data(bytes))
        } catch {
            throw .malformedJSON(error, example: example)
        }
    }

    /// What is too much in a document; nil if nothing is.
    private static func excess(_ bytes: UnsafeRawBufferPointer) -> String? {
        // RFC 8259, section 8.1. In UTF-16 and UTF-32, which Foundation reads too, JSON has zeros.
        if bytes.contains(0) { return "it must be UTF-8, without zero bytes" }
        var (values, depth) = (1, 0)
        var (isText, isEscaped) = (false, false)
        for byte in bytes {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: ","): values += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"): (values, depth) = (values + 1, depth + 1)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
            if values > mostValues { return "it has more than \(mostValues) values" }
            if depth > deepest { return "it has more than \(deepest) values inside each other" }
        }
        return nil
    }

    /// Encodes a document with the members in alphabetical order, so that equal documents give equal bytes.
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
