/// The numbers that a picture is made of, with 8 or 16 bits each.
public enum Samples: Equatable, Sendable {
    case bytes([UInt8])
    case words([UInt16])

    /// How many numbers there are.
    public var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .words(let words): words.count
        }
    }

    /// Bits of each number: 8 or 16.
    public var depth: Int {
        switch self {
        case .bytes: 8
        case .words: 16
        }
    }

    /// The numbers with 8 bits, rounded.
    var asBytes: [UInt8] {
        switch self {
        case .bytes(let bytes): bytes
        case .words(let words): words.mapped { UInt8((UInt32($0) * 255 + 32_895) >> 16) }
        }
    }

    /// The numbers in `0...1`, then times `scale`, plus `offset`.
    func floats(scale: Float, offset: Float) -> [Float] {
        switch self {
        case .bytes(let bytes): bytes.mapped { Float($0) * (scale / 255) + offset }
        case .words(let words): words.mapped { Float($0) * (scale / 65_535) + offset }
        }
    }
}
