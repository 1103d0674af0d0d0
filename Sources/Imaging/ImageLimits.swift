/// The largest picture that a decoder accepts, judged by the file's header before any pixel is decoded.
public struct ImageLimits: Equatable, Sendable {
    /// The largest product of width and height. Per pixel, decoding takes 3 bytes of memory; at its peak 6 where an
    /// orientation is applied, up to 11 for a progressive JPEG and up to 7 for an interlaced PNG.
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
