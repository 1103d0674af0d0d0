/// A model file's checked metadata about its network.
public struct ModelHeader: Sendable {
    /// The value of `format`.
    public static let format = "deepdream-model/1"

    public let name: String
    public let network: Network
    public let width: Width

    /// - Parameters:
    ///   - metadata: the header's strings: `format`, `name`, `network`, `width`, `channel_multiple`, `channel_minimum`,
    ///     `epsilon`, `input_range`; `tail_width` if the tail has its own width.
    ///   - file: the file's name, for messages.
    /// - Throws: `ModelError.malformed` or `.unsupportedNetwork`.
    public init(_ metadata: [String: String], file: String) throws {
        func required(_ key: String) throws -> String {
            guard let value = metadata[key] else {
                throw ModelError.malformed(file: file, reason: "its metadata lacks '\(key)'")
            }
            return value
        }
        func expect(_ key: String, _ allowed: String) throws {
            let found = try required(key)
            guard found == allowed else {
                throw ModelError.malformed(file: file, reason: "'\(key)' is '\(found)'; only '\(allowed)' is supported")
            }
        }
        func number<Value: LosslessStringConvertible>(
            _ key: String, _ allowed: String, _ isAllowed: (Value) -> Bool
        ) throws -> Value {
            let text = try required(key)
            guard let value = Value(text), isAllowed(value) else {
                throw ModelError.malformed(file: file, reason: "'\(key)' is '\(text)'; allowed: \(allowed)")
            }
            return value
        }
        try expect("format", Self.format)
        try expect("input_range", "-1,1")
        network = try Network.named(required("network"))
        try expect("epsilon", "\(network.epsilon)")
        name = try required("name")
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowedInName) else {
            throw ModelError.malformed(
                file: file, reason: "'name' is '\(name)'; allowed: 1 to 64 letters, digits, '.', '_' or '-'")
        }
        func factor(_ key: String) throws -> Double {
            try number(key, "a number above 0, at most 4") { $0 > 0 && $0 <= 4 }
        }
        width = Width(
            factor: try factor("width"),
            tailFactor: metadata["tail_width"] == nil ? nil : try factor("tail_width"),
            multiple: try number("channel_multiple", "a multiple of 8 up to 64", Self.isByteMultiple),
            minimum: try number("channel_minimum", "a multiple of 8 up to 64", Self.isByteMultiple))
    }

    private static func isByteMultiple(_ count: Int) -> Bool { count % 8 == 0 && (8...64).contains(count) }

    /// The bytes allowed in a model's name, which is used in queries, headers and file names.
    private static func isAllowedInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
