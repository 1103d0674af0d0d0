import CImageCodecs

/// What a file says about its picture. It owns the memory of the codec's header.
final class CodecHeader {
    private(set) var fields: ic_header
    let orientation: ImageOrientation
    /// Where the file's EXIF data is copyright and artist; empty without.
    let metadata: PhotoMetadata

    /// - Parameter needed: see `ic_request`, as stored.
    init(
        of bytes: UnsafeRawBufferPointer, format: ImageFormat, needed: ic_size = ic_size(), limits: ImageLimits
    ) throws(ImageError) {
        guard let start = bytes.baseAddress else { throw .unsupportedFormat(found: nil) }
        var header = ic_header()
        let outcome = CodecOutcome { message in
            format.inspect(start, bytes.count, ic_request(needed: needed, accepts_damage: 0), &header, message)
        }
        let reader = EXIFReader.finding(in: bytes, format: format, header: header)
        fields = header
        orientation =
            ImageOrientation(rawValue: header.orientation) ?? reader?.orientation() ?? .topLeft
        metadata = PhotoMetadata(
            copyright: reader?.text(of: .copyright), artist: reader?.text(of: .artist),
            icc: header.icc.map { Array(UnsafeBufferPointer(start: $0, count: header.icc_count)) })
        switch outcome.status {
        case IC_OK: break
        case IC_TOO_LARGE: throw .tooLarge(width: width, height: height, limits: limits)
        default: throw outcome.decodingError(format)
        }
    }

    deinit { ic_header_free(&fields) }

    /// The whole width, in pixels, as stored.
    var width: Int { Int(fields.size.width) }
    /// The whole height, in pixels, as stored.
    var height: Int { Int(fields.size.height) }

    /// The picture's whole size as shown.
    func info(_ format: ImageFormat) -> ImageInfo {
        orientation.swapsSides
            ? ImageInfo(format: format, width: height, height: width)
            : ImageInfo(format: format, width: width, height: height)
    }
}
