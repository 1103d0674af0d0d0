/// A decoded photo: upright, and in sRGB unless its profile was to be kept.
public struct Photo: Sendable {
    /// The file's format, and the photo's own size as shown.
    public let info: ImageInfo
    /// Width in pixels: that of ``info``, or smaller if a smaller size was enough.
    public let width: Int
    /// Height in pixels.
    public let height: Int
    /// Red, green and blue of each pixel, row by row from the top left. They have 16 bits where the file's have more
    /// than 8.
    public let samples: Samples
    /// The opacity of each pixel, if it was to be kept and the file has it.
    public let alpha: Samples?
    /// Whether the file holds shades of grey alone.
    public let isGrey: Bool
    /// What else the file says. ``PhotoMetadata/icc`` is nil if the pixels are sRGB.
    public let metadata: PhotoMetadata
    /// What was wrong with the file but no reason to refuse it, for a log.
    public let warnings: [String]

    /// The photo with 8 bits for each sample.
    public var image: Image { Image(width: width, height: height, pixels: samples.asBytes) }

    /// The photo in −1...1, the range that Inception networks take.
    public var signedUnit: FloatImage {
        switch samples {
        case .bytes(let bytes): FloatImage(signedUnit: Image(width: width, height: height, pixels: bytes))
        case .words: FloatImage(width: width, height: height, values: samples.floats(scale: 2, offset: -1))
        }
    }

    /// The opacity in 0...1, as a picture of one channel.
    public var opacity: FloatImage? {
        alpha.map { FloatImage(width: width, height: height, channels: 1, values: $0.floats(scale: 1, offset: 0)) }
    }
}
