/// Names for what channels of a layer see.
///
/// In a model file's metadata, the key `channels.LAYER` holds the names of a layer: `butterfly=5+69,fern=6+70`. A name
/// stands for all its channels together.
public struct ChannelNames: Hashable, Sendable {
    /// The channels that each name stands for.
    public let channels: [String: Set<Int>]

    static let keyPrefix = "channels."

    /// - Parameters:
    ///   - text: the value in the metadata.
    ///   - layer: the layer's name, for messages.
    ///   - count: the number of channels of the layer.
    ///   - file: the file's name, for messages.
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
                        "'\(Self.keyPrefix)\(layer)' has the entry '\(entry)'; allowed: different names of letters, "
                        + "digits and '_', not all digits, each with '=' and channels below \(count) joined by '+'")
            }
        }
        self.channels = channels
    }

    /// - Parameter names: the name of each channel; channels with the same name belong together.
    init(inOrder names: [String]) {
        channels = names.enumerated().reduce(into: [:]) { $0[$1.element, default: []].insert($1.offset) }
    }

    /// The channels with this name; nil if there is none. Case is ignored, and blanks, `-` and `_` are treated alike.
    public func channels(named name: String) -> Set<Int>? {
        let key = SimilarNames.key(name)
        return channels[name] ?? channels.first { SimilarNames.key($0.key) == key }?.value
    }

    /// The names that a channel belongs to, in alphabetical order.
    public func names(ofChannel channel: Int) -> [String] {
        channels.filter { $0.value.contains(channel) }.map(\.key).sorted()
    }

    /// The names that somebody may have meant who wrote this text; at most ten.
    public func similar(to text: String) -> [String] {
        SimilarNames.of(text, among: channels.keys.sorted())
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Whether a text is a valid name, which cannot be mistaken for a number.
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
