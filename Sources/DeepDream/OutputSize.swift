import VisionNet

/// How large a dream is.
public enum OutputSize: Hashable, Sendable {
    /// This width and height, whatever the photo's shape.
    case exact(width: Int, height: Int)
    /// The photo's own size, scaled down so that its longer side has at most this many pixels, but not so far that the
    /// shorter side is too small for the network.
    case longerSide(Int)
    /// The photo's own size.
    case original

    /// The sides that a request may name, in pixels; the smallest is the least that InceptionV3 accepts.
    public static let allowedSides = VisionModel.minimumSide...8192

    /// The dream's size for a photo of this size. A photo too small for the network is enlarged until it fits.
    public func resolved(forWidth width: Int, height: Int) -> (width: Int, height: Int) {
        var scale = 1.0
        switch self {
        case .exact(let width, let height): return (width, height)
        case .longerSide(let side): scale = min(1, Double(side) / Double(max(width, height)))
        case .original: break
        }
        let minimum = VisionModel.minimumSide
        scale = max(scale, Double(minimum) / Double(min(width, height)))
        func scaled(_ side: Int) -> Int { max(minimum, Int((Double(side) * scale).rounded())) }
        return (scaled(width), scaled(height))
    }
}
