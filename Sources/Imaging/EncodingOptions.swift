/// How a picture is written into a file.
public struct EncodingOptions: Sendable {
    /// One of ``ImageFormat/writable``.
    public var format: ImageFormat
    /// 1...100, for JPEG on the scale of the Independent JPEG Group; PNG ignores it.
    public var quality = 90
    /// Text that is kept in a JPEG's or PNG's file.
    public var comment: String?
    /// An XMP packet that is kept in the file; AVIF's has none. In a JPEG, at most 65504 bytes of UTF-8 fit.
    public var xmp: String?
    /// Bits of each sample: 16 for a PNG with 16 bits; all other formats have 8.
    public var depth = 8
    /// Whether the picture is stored as shades of grey, where the format has that: JPEG and PNG. Colours become their
    /// luma.
    public var isGrey = false
    /// The opacity of each pixel in 0...1, at the picture's size; JPEG has none.
    public var opacity: FloatImage?
    /// What goes into the file beside the pixels. A profile must be the pixels' own.
    public var metadata = PhotoMetadata()
    /// Asked often while the picture is encoded. Encoding ends soon after it returns true, except for AVIF, whose
    /// encoder cannot be stopped once it has begun.
    public var isCancelled: @Sendable () -> Bool = { false }

    public init(format: ImageFormat) {
        self.format = format
    }
}

extension ImageFormat {
    /// Whether files can hold transparent pixels.
    public var holdsAlpha: Bool { self == .png || self == .webp || self == .avif }
    /// Whether files can hold 16 bits for each sample.
    public var holdsSixteenBits: Bool { self == .png }
    /// Whether files can hold shades of grey alone.
    public var holdsGrey: Bool { self == .jpeg || self == .png }
}
