import CImageCodecs

/// Hands a picture to the codec of its format.
struct Encoder {
    /// The channels of a pixel.
    enum Layout {
        case grey, greyAlpha, rgb, rgba

        var codecLayout: ic_layout {
            switch self {
            case .grey: IC_GREY
            case .greyAlpha: IC_GREY_ALPHA
            case .rgb: IC_RGB
            case .rgba: IC_RGBA
            }
        }
    }

    private let options: EncodingOptions

    /// - Throws: ``ImageError/invalidQuality(_:)`` or ``ImageError/invalidComment(_:reason:)``.
    init(_ options: EncodingOptions) throws(ImageError) {
        guard (1...100).contains(options.quality) else { throw .invalidQuality(options.quality) }
        if let comment = options.comment { try Self.check(comment, in: options.format) }
        let longestPacket = 65_504
        if options.format == .jpeg, let xmp = options.xmp, xmp.utf8.count > longestPacket {
            throw .invalidComment(
                .jpeg, reason: "its XMP packet has \(xmp.utf8.count) bytes, at most \(longestPacket) fit")
        }
        self.options = options
    }

    func encode(_ samples: Samples, layout: Layout, width: Int, height: Int) throws(ImageError) -> [UInt8] {
        let format = options.format
        guard let encodeWith = format.encode, ImageFormat.writable.contains(format) else {
            throw .unencodable(format, reason: "the format is not written here")
        }
        guard let width = UInt32(exactly: width), let height = UInt32(exactly: height) else {
            throw .unencodable(format, reason: "a side is longer than \(UInt32.max) pixels")
        }
        var encoding = ic_encoding()
        encoding.size = ic_size(width: width, height: height)
        encoding.layout = layout.codecLayout
        encoding.depth = Int32(samples.depth)
        encoding.quality = Int32(options.quality)
        encoding.subsampled = options.quality <= 90 ? 1 : 0
        encoding.progressive = 1
        let exif = options.metadata.exif ?? []
        let icc = options.metadata.icc ?? []
        let xmp = Array((options.xmp ?? "").utf8)
        encoding.exif_count = exif.count
        encoding.icc_count = icc.count
        encoding.xmp_count = xmp.count

        let cancellation = Cancellation(isRequested: options.isCancelled)
        encoding.context = Unmanaged.passUnretained(cancellation).toOpaque()
        encoding.is_cancelled = { context in Cancellation.from(context)?.isRequested() == false ? 0 : 1 }

        var encoded: UnsafeMutablePointer<UInt8>?
        var count = 0
        let outcome = CodecOutcome { message in
            exif.withUnsafeBufferPointer { exif in
                icc.withUnsafeBufferPointer { icc in
                    encoding.exif = exif.isEmpty ? nil : exif.baseAddress
                    encoding.icc = icc.isEmpty ? nil : icc.baseAddress
                    return xmp.withUnsafeBufferPointer { xmp in
                        encoding.xmp = xmp.isEmpty ? nil : xmp.baseAddress
                        return withComment { comment in
                            encoding.comment = comment
                            return samples.withPointer { pointer in
                                encoding.samples = pointer
                                return withExtendedLifetime(cancellation) {
                                    encodeWith(&encoding, &encoded, &count, message)
                                }
                            }
                        }
                    }
                }
            }
        }
        guard outcome.status == IC_OK else { throw outcome.encodingError(format) }
        defer { ic_free(encoded) }
        return Array(UnsafeBufferPointer(start: encoded, count: count))
    }

    /// What a codec asks.
    private final class Cancellation {
        let isRequested: @Sendable () -> Bool

        init(isRequested: @escaping @Sendable () -> Bool) {
            self.isRequested = isRequested
        }

        static func from(_ context: UnsafeMutableRawPointer?) -> Cancellation? {
            context.map { Unmanaged<Cancellation>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    private func withComment<Result>(_ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        guard let comment = options.comment else { return body(nil) }
        return comment.withCString(body)
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

extension Samples {
    /// Calls `body` with where the samples are.
    fileprivate func withPointer<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        func pass(_ bytes: UnsafeRawBufferPointer) -> Result {
            // A picture has pixels, so there is an address.
            bytes.baseAddress.map(body)
                ?? withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) {
                    body(UnsafeRawPointer($0.baseAddress.unsafelyUnwrapped))
                }
        }
        switch self {
        case .bytes(let bytes): return bytes.withUnsafeBytes(pass)
        case .words(let words): return words.withUnsafeBytes(pass)
        }
    }
}
