extension Image {
    /// The picture as a file.
    ///
    /// - Parameters:
    ///   - format: one of ``ImageFormat/writable``. JPEG is written progressively; its colours, and AVIF's, are stored
    ///     at full resolution (4:4:4) above quality 90, else at half in both directions (4:2:0). PNG is written as
    ///     8-bit RGB, tagged as sRGB.
    ///   - quality: 1...100, for JPEG on the scale of the Independent JPEG Group. PNG is lossless and ignores it, but
    ///     it must be in range all the same.
    ///   - comment: Text without zero bytes that is kept in the file: in JPEG's COM marker (UTF-8, at most 65533
    ///     bytes), or under the keyword `Comment` of PNG's `tEXt` (ASCII) or `iTXt` (other text) chunk. WebP and AVIF
    ///     have no place for it.
    ///   - isCancelled: see ``EncodingOptions/isCancelled``.
    /// - Throws: ``ImageError/invalidQuality(_:)``, ``ImageError/invalidComment(_:reason:)``,
    ///   ``ImageError/unencodable(_:reason:)``, ``ImageError/cancelled`` or ``ImageError/outOfMemory(_:)``.
    public func encoded(
        as format: ImageFormat, quality: Int = 90, comment: String? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(ImageError) -> [UInt8] {
        var options = EncodingOptions(format: format)
        options.quality = quality
        options.comment = comment
        options.isCancelled = isCancelled
        return try Encoder(options).encode(.bytes(pixels), layout: .rgb, width: width, height: height)
    }
}
