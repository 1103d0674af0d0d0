import Imaging

extension Recipe {
    /// How to decode a photo for this recipe.
    ///
    /// - Parameters:
    ///   - info: what the photo's header says.
    ///   - isCancelled: see `DecodingOptions.isCancelled`.
    public func decodingOptions(
        for info: ImageInfo, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) -> DecodingOptions {
        var options = DecodingOptions()
        // The photo's own detail is needed to restore it.
        options.needed = detail == .restore ? nil : size.resolved(forWidth: info.width, height: info.height)
        options.background = background
        options.keepsAlpha = keep.alpha && format.holdsAlpha
        options.keepsProfile = metadata == .keep
        options.acceptsDamage = damaged == .accept
        options.isCancelled = isCancelled
        return options
    }

    /// The file of a dream.
    ///
    /// - Parameters:
    ///   - dream: what the recipe made of `photo`, or of noise.
    ///   - record: what the file says about how it was made; nothing if nil.
    ///   - isCancelled: see `EncodingOptions.isCancelled`.
    /// - Throws: `ImageError` if the format cannot hold the picture.
    public func file(
        of dream: FloatImage, photo: Photo?, record: DreamRecord? = nil,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(ImageError) -> [UInt8] {
        var options = EncodingOptions(format: format)
        options.quality = quality
        options.comment = record?.recipe
        options.xmp = record?.xmp
        options.isCancelled = isCancelled
        guard let photo else { return try dream.encoded(options) }
        options.isGrey = keep.grey && photo.isGrey
        options.depth = keep.depth ? photo.samples.depth : 8
        options.opacity = photo.opacity?.resized(width: dream.width, height: dream.height)
        options.metadata = metadata == .keep ? photo.metadata : PhotoMetadata()
        // Grey pixels have no use for a profile of colours.
        if options.isGrey, format.holdsGrey { options.metadata.icc = nil }
        return try dream.encoded(options)
    }

    /// Whether a part of the photo stays in the dream.
    var keepsPhoto: Bool { strength != 1 || preservesColor || preservesBrightness || detail == .restore }
}
