import CImageCodecs

/// Reads JPEG and PNG files into 8-bit sRGB pictures.
///
/// - The format is recognised by content. Dimensions are checked against ``limits`` before a pixel is decoded.
/// - JPEG: baseline, progressive and arithmetic-coded; grey, YCbCr, RGB, CMYK and YCCK. Inks are converted to light by
///   `(255 − ink)·(255 − black)/255`; where an Adobe marker is present, they are inverted first, as in libvips and
///   Pillow.
/// - PNG: every colour type and depth, interlaced too. Alpha is composed on white in the encoded values, and a `gAMA`
///   chunk is applied unless `sRGB` or `iCCP` is present, both as browsers do.
/// - The EXIF orientation is applied. Colour profiles are not: pixels are taken for sRGB.
/// - A file that is cut short or damaged is an error, never a partly grey picture. Bytes after its end are ignored.
public struct ImageDecoder: Sendable {
    /// The largest picture that is accepted.
    public let limits: ImageLimits

    public init(limits: ImageLimits = ImageLimits()) {
        self.limits = limits
    }

    /// Reads only a file's header, without checking ``limits``.
    ///
    /// - Throws: ``ImageError`` if the bytes are not the beginning of a JPEG or PNG file.
    public func inspect(_ bytes: [UInt8]) throws(ImageError) -> ImageInfo {
        try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
            try inspect(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Reads only a file's header, without checking ``limits``.
    ///
    /// - Throws: ``ImageError`` if the bytes are not the beginning of a JPEG or PNG file.
    public func inspect(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageInfo {
        try header(of: bytes).info
    }

    /// Decodes a whole file.
    ///
    /// - Throws: ``ImageError`` if the bytes are not a complete JPEG or PNG file, or the picture exceeds ``limits``.
    public func decode(_ bytes: [UInt8]) throws(ImageError) -> Image {
        try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
            try decode(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Decodes a whole file.
    ///
    /// - Throws: ``ImageError`` if the bytes are not a complete JPEG or PNG file, or the picture exceeds ``limits``.
    public func decode(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> Image {
        let header = try header(of: bytes)
        try limits.check(width: header.info.width, height: header.info.height)
        let stored = try decodeAsStored(header)
        return stored.oriented(header.orientation)
    }

    /// What is known about a file before its pixels are decoded, and where its bytes are.
    private struct Header {
        let format: ImageFormat
        let start: UnsafeRawPointer
        let count: Int
        let size: ic_size
        let orientation: ImageOrientation

        var info: ImageInfo {
            let (width, height) = (Int(size.width), Int(size.height))
            return orientation.swapsSides
                ? ImageInfo(format: format, width: height, height: width)
                : ImageInfo(format: format, width: width, height: height)
        }
    }

    private func header(of bytes: UnsafeRawBufferPointer) throws(ImageError) -> Header {
        let format = try ImageFormat(detecting: bytes)
        guard let start = bytes.baseAddress else { throw .unsupportedFormat(found: nil) }
        let inspectWith = format == .jpeg ? ic_jpeg_inspect : ic_png_inspect
        var size = ic_size()
        let outcome = CodecOutcome { message in
            inspectWith(start, bytes.count, &size, message)
        }
        switch outcome.status {
        case IC_OK:
            break
        case IC_TOO_LARGE:
            throw .tooLarge(width: Int(size.width), height: Int(size.height), limits: limits)
        default:
            throw outcome.decodingError(format)
        }
        let orientation = ImageOrientation(of: bytes, format: format)
        return Header(format: format, start: start, count: bytes.count, size: size, orientation: orientation)
    }

    private func decodeAsStored(_ header: Header) throws(ImageError) -> Image {
        let decodeWith = header.format == .jpeg ? ic_jpeg_decode : ic_png_decode
        let (width, height) = (Int(header.size.width), Int(header.size.height))
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        let outcome = CodecOutcome { message in
            decodeWith(header.start, header.count, header.size, &pixels, message)
        }
        guard outcome.status == IC_OK else { throw outcome.decodingError(header.format) }
        return Image(width: width, height: height, pixels: pixels)
    }
}
