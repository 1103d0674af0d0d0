import CImageCodecs

extension Image {
    /// The picture as a file.
    ///
    /// - Parameters:
    ///   - format: JPEG is written baseline, with optimised Huffman tables; chroma is stored at full resolution (4:4:4)
    ///     above quality 90, else at half in both directions (4:2:0). PNG is written as 8-bit RGB, tagged as sRGB.
    ///   - quality: 1...100 on the scale of the Independent JPEG Group. PNG is lossless and ignores it, but it must be
    ///     in range all the same.
    ///   - comment: Text without zero bytes that is kept in the file: in JPEG's COM marker (UTF-8, at most 65533
    ///     bytes), or under the keyword `Comment` of PNG's `tEXt` (ASCII) or `iTXt` (other text) chunk.
    /// - Throws: ``ImageError/invalidQuality(_:)``, ``ImageError/invalidComment(_:reason:)``,
    ///   ``ImageError/unencodable(_:reason:)`` or ``ImageError/outOfMemory(_:)``.
    public func encoded(
        as format: ImageFormat, quality: Int = 90, comment: String? = nil
    ) throws(ImageError) -> [UInt8] {
        guard (1...100).contains(quality) else { throw .invalidQuality(quality) }
        if let comment { try Self.check(comment, in: format) }
        guard let width = UInt32(exactly: width), let height = UInt32(exactly: height) else {
            throw .unencodable(format, reason: "a side is longer than \(UInt32.max) pixels")
        }
        let size = ic_size(width: width, height: height)

        var encoded: UnsafeMutablePointer<UInt8>?
        var count = 0
        let outcome = CodecOutcome { message in
            switch format {
            case .jpeg:
                let isSubsampled = quality <= 90
                return ic_jpeg_encode(
                    pixels, size, Int32(quality), isSubsampled ? 1 : 0, comment, comment?.utf8.count ?? 0,
                    &encoded, &count, message)
            case .png:
                let isASCII = comment?.utf8.allSatisfy { $0 < 0x80 } ?? true
                return ic_png_encode(pixels, size, comment, isASCII ? 0 : 1, &encoded, &count, message)
            }
        }
        guard outcome.status == IC_OK else { throw outcome.encodingError(format) }
        defer { ic_free(encoded) }
        return Array(UnsafeBufferPointer(start: encoded, count: count))
    }

    private static func check(_ comment: String, in format: ImageFormat) throws(ImageError) {
        let maximumMarkerPayload = 65_533
        if comment.utf8.contains(0) {
            throw .invalidComment(format, reason: "it contains a zero byte")
        }
        if format == .jpeg, comment.utf8.count > maximumMarkerPayload {
            throw .invalidComment(
                format, reason: "it has \(comment.utf8.count) bytes of UTF-8, at most \(maximumMarkerPayload) fit")
        }
    }
}
