/// A size as people write it: `640x480`, `max:512` or `original`.
extension OutputSize {
    /// What a size may be, for help texts and errors.
    public static let allowedText =
        "WIDTHxHEIGHT (at most \(mostPixels) pixels), max:LONGER_SIDE (each side from \(allowedSides.lowerBound) to "
        + "\(allowedSides.upperBound)) or original"

    /// - Returns: nil if the text is not a size, or too large.
    public init?(text: String) {
        let size: OutputSize
        if text == "original" {
            size = .original
        } else if text.hasPrefix("max:") {
            guard let side = Int(text.dropFirst(4)) else { return nil }
            size = .longerSide(side)
        } else {
            let sides = text.split(separator: "x", omittingEmptySubsequences: false)
            guard sides.count == 2, let width = Int(sides[0]), let height = Int(sides[1]) else { return nil }
            size = .exact(width: width, height: height)
        }
        guard size.isAllowed else { return nil }
        self = size
    }

    /// For a text that is a number alone, or has another sign between width and height, what it may mean.
    static func suggestion(for text: String) -> String? {
        let sides = text.split { !$0.isASCII || !$0.isNumber }
        let candidate: String? =
            switch sides.count {
            case 1: "max:\(sides[0])"
            case 2: "\(sides[0])x\(sides[1])"
            default: nil
            }
        return candidate.flatMap { OutputSize(text: $0) == nil ? nil : $0 }
    }

    /// The text that ``init(text:)`` reads back.
    public var text: String {
        switch self {
        case .exact(let width, let height): "\(width)x\(height)"
        case .longerSide(let side): "max:\(side)"
        case .original: "original"
        }
    }

    /// Whether each side that it names is in ``allowedSides``, and there are not too many pixels.
    var isAllowed: Bool {
        switch self {
        case .exact(let width, let height):
            Self.allowedSides.contains(width) && Self.allowedSides.contains(height)
                && width * height <= Self.mostPixels
        case .longerSide(let side): Self.allowedSides.contains(side)
        case .original: true
        }
    }
}
