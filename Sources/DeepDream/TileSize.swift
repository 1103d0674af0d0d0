/// How large the parts are that a picture's gradient is computed in.
public enum TileSize: Hashable, Sendable {
    /// The whole picture at once up to ``automaticPixels``, above that parts of ``automaticSide``.
    case automatic
    /// The whole picture at once, however large.
    case off
    /// Parts whose sides have at most this many pixels.
    case side(Int)

    /// The sides of tiles that a recipe may name, in pixels.
    public static let allowedSides = 128...4096
    /// The side of automatic tiles, in pixels.
    public static let automaticSide = 512
    /// The pixels of the largest picture that is not divided automatically.
    public static let automaticPixels = 2_100_000

    /// What a size may be, for help texts and errors.
    static let allowedText =
        "auto, off, or a whole number from \(allowedSides.lowerBound) to \(allowedSides.upperBound)"

    /// - Returns: nil if the text is none of ``allowedText``.
    init?(text: String) {
        switch text {
        case "auto": self = .automatic
        case "off": self = .off
        default:
            guard let side = Int(text) else { return nil }
            self = .side(side)
        }
    }

    /// The text that `init(text:)` reads back.
    var text: String {
        switch self {
        case .automatic: "auto"
        case .off: "off"
        case .side(let side): String(side)
        }
    }

    var isAllowed: Bool {
        if case .side(let side) = self { Self.allowedSides.contains(side) } else { true }
    }

    /// The longest side of a tile for a picture of this size; nil if it is not divided.
    func side(forWidth width: Int, height: Int) -> Int? {
        switch self {
        case .off: nil
        case .automatic: width * height > Self.automaticPixels ? Self.automaticSide : nil
        case .side(let side): max(width, height) > side ? side : nil
        }
    }
}
