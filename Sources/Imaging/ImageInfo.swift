/// What a file's header says about its picture.
public struct ImageInfo: Equatable, Sendable {
    public let format: ImageFormat

    /// Width in pixels, as shown: after the EXIF orientation.
    public let width: Int

    /// Height in pixels, as shown: after the EXIF orientation.
    public let height: Int

    public init(format: ImageFormat, width: Int, height: Int) {
        self.format = format
        self.width = width
        self.height = height
    }
}
