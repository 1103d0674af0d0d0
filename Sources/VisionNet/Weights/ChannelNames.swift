/// What channels of a layer see, by name.
///
/// A model file says so in its metadata, for each layer with names under the key `channels.LAYER`:
/// `butterfly=5+69,fern=6+70`. A name stands for all its channels together.
public struct ChannelNames: Hashable, Sendable {
    /// The channels of each name.
    public let channels: [String: Set<Int>]

    static let keyPrefix = "channels."

    /// - Parameters:
    ///   - text: the value in the metadata.
    ///   - count: how many channels the layer has.
    /// - Throws: `ModelError.malformed`.
    init(_ text: String, of layer: String, count: Int, file: String) throws {
        var channels: [String: Set<Int>] = [:]
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
            let numbers = parts.last?.split(separator: "+", omittingEmptySubsequences: false) ?? []
            let named = numbers.filter(Self.isNumber).compactMap { Int($0) }.filter((0..<count).contains)
            guard parts.count == 2, Self.isName(parts[0]), !named.isEmpty, named.count == numbers.count,
                channels.updateValue(Set(named), forKey: String(parts[0])) == nil
            else {
                throw ModelError.malformed(
                    file: file,
                    reason:
                        "'\(Self.keyPrefix)\(layer)' has the entry '\(entry)'; allowed: different names of letters, digits "
                        + "and '_', not all digits, each with '=' and channels below \(count) joined by '+'")
            }
        }
        self.channels = channels
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A name that cannot be taken for a number.
    private static func isName(_ text: Substring) -> Bool {
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isWord && (1...64).contains(text.utf8.count) && !isNumber(text)
    }
}
