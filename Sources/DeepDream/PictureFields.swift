import Imaging

/// Which properties of a photo its dream keeps, where the format of the answer can hold them.
public struct KeptProperties: Hashable, Sendable {
    /// Whether the dream of a grey photo is grey.
    public var grey = false
    /// Whether the dream is transparent where the photo is.
    public var alpha = false
    /// Whether the dream of a photo with more than 8 bits for each sample has 16.
    public var depth = false

    public init() {}

    static let allowedText = "none, or some of gray, alpha and depth, separated by commas"

    private static let names: [(name: String, path: WritableKeyPath<KeptProperties, Bool> & Sendable)] = [
        ("gray", \.grey), ("alpha", \.alpha), ("depth", \.depth),
    ]

    /// - Returns: nil if the text is not of the form in `allowedText`.
    init?(text: String) {
        guard text != "none" else { return }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let property = Self.names.first(where: { $0.name == part }), !self[keyPath: property.path] else {
                return nil
            }
            self[keyPath: property.path] = true
        }
    }

    /// The text that `init(text:)` reads back.
    var text: String {
        let kept = Self.names.filter { self[keyPath: $0.path] }.map(\.name)
        return kept.isEmpty ? "none" : kept.joined(separator: ",")
    }
}

/// What the file of a dream says about its photo.
public enum MetadataPolicy: String, CaseIterable, Hashable, Sendable {
    /// Nothing, and colours are converted to sRGB.
    case none
    /// Copyright and artist, and the colour profile, in which the dream is then made.
    case keep
}

/// What is done with a photo whose data is damaged or cut short.
public enum DamagePolicy: String, CaseIterable, Hashable, Sendable {
    case refuse
    case accept
}

extension DecodingOptions.Colour {
    static let allowedText = "white, black, or six hexadecimal digits, such as ff8800"

    /// - Returns: nil if the text is not of the form in `allowedText`.
    init?(text: String) {
        switch text {
        case "white": self = .white
        case "black": self = Self(red: 0, green: 0, blue: 0)
        default:
            guard text.utf8.count == 6, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16) else {
                return nil
            }
            self.init(
                red: UInt8(truncatingIfNeeded: value >> 16), green: UInt8(truncatingIfNeeded: value >> 8),
                blue: UInt8(truncatingIfNeeded: value))
        }
    }

    /// Six hexadecimal digits, or `white`.
    var text: String {
        if self == .white { return "white" }
        return [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
