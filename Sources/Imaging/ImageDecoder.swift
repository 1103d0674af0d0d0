import CImageCodecs

/// Reads pictures of the formats in ``ImageFormat/readable`` into sRGB. `docs/pictures.md` tells what is read of each.
///
/// - The format is recognised by content. Dimensions are checked against ``limits`` before a pixel is decoded.
/// - Colours are converted to sRGB as the file's profile says, or for PNG and HEIF the other descriptions of colour.
///   Inks without a profile become light by `ink · black / 255`, where 255 is no ink, as in browsers and Pillow.
/// - Transparent pixels are composed on a background in the encoded values, as browsers do.
/// - The orientation is applied.
/// - A file that is cut short or damaged is an error, never a partly grey picture, unless that is asked for. What
///   follows the last pixel is not read and may be missing.
public struct ImageDecoder: Sendable {
    /// The largest picture that is accepted.
    public let limits: ImageLimits

    public init(limits: ImageLimits = ImageLimits()) {
        self.limits = limits
    }

    /// Reads only a file's header, without checking ``limits``.
    ///
    /// - Throws: ``ImageError`` if the bytes are not the beginning of a picture's file.
    public func inspect(_ bytes: [UInt8]) throws(ImageError) -> ImageInfo {
        try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
            try inspect(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Reads only a file's header, without checking ``limits``.
    ///
    /// - Throws: ``ImageError`` if the bytes are not the beginning of a picture's file.
    public func inspect(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageInfo {
        let format = try ImageFormat(detecting: bytes)
        return try CodecHeader(of: bytes, format: format, limits: limits).info(format)
    }

    /// Decodes a whole file to 8 bits for each sample, transparent pixels on white.
    ///
    /// - Throws: ``ImageError`` if the bytes are not a complete file, or the picture exceeds ``limits``.
    public func decode(_ bytes: [UInt8]) throws(ImageError) -> Image {
        try photo(bytes).image
    }

    /// Decodes a whole file to 8 bits for each sample, transparent pixels on white.
    ///
    /// - Throws: ``ImageError`` if the bytes are not a complete file, or the picture exceeds ``limits``.
    public func decode(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> Image {
        try photo(bytes).image
    }

    /// Decodes a file.
    ///
    /// - Throws: ``ImageError`` if the bytes are not a complete file, the picture exceeds ``limits``, or decoding was
    ///   cancelled.
    public func photo(
        _ bytes: [UInt8], options: DecodingOptions = DecodingOptions()
    ) throws(ImageError) -> Photo {
        try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
            try photo(UnsafeRawBufferPointer(buffer), options: options)
        }
    }

    /// Decodes a file.
    ///
    /// - Throws: ``ImageError`` if the bytes are not a complete file, the picture exceeds ``limits``, or decoding was
    ///   cancelled.
    public func photo(
        _ bytes: UnsafeRawBufferPointer, options: DecodingOptions = DecodingOptions()
    ) throws(ImageError) -> Photo {
        let format = try ImageFormat(detecting: bytes)
        if format == .heic || format == .avif, HEIFTiles.count(in: bytes) > HEIFTiles.most {
            throw .malformed(format, reason: "More than \(HEIFTiles.most) tiles")
        }
        if format == .heic || format == .avif {
            for grid in HEIFGrid.all(in: bytes) { try limits.check(width: grid.width, height: grid.height) }
        }
        var header = try CodecHeader(of: bytes, format: format, limits: limits)
        let info = header.info(format)
        try limits.check(width: info.width, height: info.height)
        var request = ic_request(needed: ic_size(), accepts_damage: options.acceptsDamage ? 1 : 0)
        if let needed = Self.needed(options, isTurned: header.orientation.swapsSides) {
            request.needed = needed
            header = try CodecHeader(of: bytes, format: format, needed: needed, limits: limits)
        }
        let source = Source(bytes: bytes, format: format, header: header, request: request)
        return try header.fields.depth == 16
            ? decode(source, info: info, options: options, as: { Samples.words($0) } as ([UInt16]) -> Samples)
            : decode(source, info: info, options: options, as: { Samples.bytes($0) } as ([UInt8]) -> Samples)
    }

    /// What a decoding needs to know of a file.
    private struct Source {
        let bytes: UnsafeRawBufferPointer
        let format: ImageFormat
        let header: CodecHeader
        let request: ic_request
    }

    /// The smallest size, as stored, that does for the options.
    static func needed(_ options: DecodingOptions, isTurned: Bool) -> ic_size? {
        guard let (width, height) = options.needed else { return nil }
        func side(_ needed: Int) -> UInt32 { UInt32(clamping: max(needed, 1) + max(needed, 1) / 2) }
        return isTurned
            ? ic_size(width: side(height), height: side(width))
            : ic_size(width: side(width), height: side(height))
    }

    /// By how much the collector reduces what the codec did not; by less than the codecs could, as averages of squares
    /// are not as good as what they do.
    static func reduction(of header: ic_header, to needed: ic_size?) -> Int {
        guard let needed, needed.width > 0 else { return 1 }
        return max(
            1,
            min(
                Int(header.decoded.width) / (2 * Int(needed.width)),
                Int(header.decoded.height) / (2 * Int(needed.height))))
    }

    private func decode<Sample: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ source: Source, info: ImageInfo, options: DecodingOptions, as samples: ([Sample]) -> Samples
    ) throws(ImageError) -> Photo {
        let header = source.header.fields
        var warnings: [String] = []
        var metadata = source.header.metadata
        let isRGB = header.layout == IC_RGB || header.layout == IC_RGBA
        let keepsProfile = options.keepsProfile && isRGB && metadata.icc != nil && header.primaries == 0
        let conversion = keepsProfile ? nil : ColourConversion.make(for: header) { warnings.append($0) }
        if !keepsProfile { metadata.icc = nil }
        let ratio = Self.reduction(of: header, to: source.request.needed)
        let collector = RowCollector<Sample>(
            header: header, ratio: ratio, conversion: conversion, options: options,
            isCancelled: options.isCancelled)
        try collector.decode(source.bytes, format: source.format, request: source.request)

        let orientation = source.header.orientation
        let size = (width: collector.width, height: collector.height)
        let shown = orientation.swapsSides ? (size.height, size.width) : (size.width, size.height)
        let colours = orientation.apply(to: collector.colours, width: size.width, height: size.height, channels: 3)
        let alpha = orientation.apply(to: collector.alpha, width: size.width, height: size.height, channels: 1)
        return Photo(
            info: info, width: shown.0, height: shown.1, samples: samples(colours),
            alpha: alpha.isEmpty ? nil : samples(alpha),
            isGrey: header.layout == IC_GREY || header.layout == IC_GREY_ALPHA, metadata: metadata,
            warnings: warnings + collector.warnings)
    }
}
