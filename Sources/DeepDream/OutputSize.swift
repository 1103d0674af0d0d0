/// How large a dream is.
public enum OutputSize: Hashable, Sendable {
    /// This width and height, whatever the photo's shape.
    case exact(width: Int, height: Int)
    /// The photo's own size, scaled down so that its longer side has at most this many pixels.
    case longerSide(Int)
    /// The photo's own size.
    case original

    /// The same size, or for an exact size that would distort a photo, the photo's own shape with the same longer side.
    public func fitting(width photoWidth: Int, height photoHeight: Int) -> OutputSize {
        guard case .exact(let width, let height) = self else { return self }
        let skew = abs(width * photoHeight - height * photoWidth)
        // Sides are rounded to whole pixels.
        return skew <= max(photoWidth, photoHeight) ? self : .longerSide(max(width, height))
    }

    /// The sides that a request may name, in pixels: as long as a JPEG's can be, so that a dream in the size of a thin
    /// photo has a recipe that can be sent back.
    public static let allowedSides = 1...65_500
    /// The most pixels that a request may name.
    static let mostPixels = largestSquare * largestSquare
    /// The side of the largest square, which is the size of a dream that has no photo to take its shape from.
    static let largestSquare = 8192

    /// The dream's size for a photo of this size.
    public func resolved(forWidth width: Int, height: Int) -> (width: Int, height: Int) {
        switch self {
        case .exact(let width, let height): return (width, height)
        case .original: return (width, height)
        case .longerSide(let side):
            let scale = min(1, Double(side) / Double(max(width, height)))
            func scaled(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
            return (scaled(width), scaled(height))
        }
    }
}
