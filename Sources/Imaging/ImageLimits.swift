/// The largest picture that a decoder accepts. The file's header is checked before any pixel is decoded.
public struct ImageLimits: Equatable, Sendable {
    /// The largest product of width and height. `docs/pictures.md` tells how much memory a pixel takes.
    public var maximumPixels: Int

    /// The longest width or height, in pixels. Memory depends on the product; this limit only keeps out what no camera
    /// or panorama has. The default is the longest side of a JPEG.
    public var maximumSide: Int

    public init(maximumPixels: Int = 50_000_000, maximumSide: Int = 65_500) {
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
