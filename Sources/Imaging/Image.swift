/// An 8-bit sRGB picture.
///
/// `pixels` holds red, green and blue of each pixel, row by row from the top left: `3 · width · height` bytes.
public struct Image: Equatable, Sendable {
    public let width: Int
    public let height: Int
    public var pixels: [UInt8]

    /// - Precondition: `pixels.count == 3 * width * height`, `width > 0`, `height > 0`.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0 && pixels.count == 3 * width * height)
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}
