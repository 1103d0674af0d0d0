/// The largest picture that a decoder accepts. The file's header is checked before any pixel is decoded.
public struct ImageLimits: Equatable, Sendable {
    /// The largest product of width and height. Decoding takes 3 bytes of memory for each pixel; at its peak it takes 6
    /// if an EXIF orientation is applied, up to 11 for a progressive JPEG and up to 7 for an interlaced PNG.
    public var maximumPixels: Int

    /// The longest width or height, in pixels.
    public var maximumSide: Int

    public init(maximumPixels: Int = 50_000_000, maximumSide: Int = 16_384) {
        self.maximumPixels = maximumPixels
        self.maximumSide = maximumSide
    }

    /// - Throws: ``ImageError/tooLarge(width:height:limits:)``
    package func check(width: Int, height: Int) throws(ImageError) {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard width <= maximumSide, height <= maximumSide, !overflow, pixels <= maximumPixels else {
            throw .tooLarge(width: width, height: height, limits: self)
        }
    }
}
