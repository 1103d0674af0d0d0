import CImageCodecs

/// How much memory a photo takes, as known from its file's header.
public struct DecodingMemory: Equatable, Sendable {
    /// The size of the decoded photo, in pixels.
    public let width, height: Int
    /// The bits of a sample, 8 or 16.
    public let depth: Int
    /// The most bytes while it is decoded, the result included.
    public let decodingBytes: Int
    /// The bytes of the result.
    public let photoBytes: Int
}

extension ImageDecoder {
    /// How much memory a file will take to decode, at most, roughly. `docs/pictures.md` tells what the codecs need.
    ///
    /// - Throws: ``ImageError`` if the bytes are not the beginning of a picture's file.
    public func memory(of bytes: [UInt8], options: DecodingOptions = DecodingOptions()) throws(ImageError)
        -> DecodingMemory
    {
        try bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
            try memory(of: UnsafeRawBufferPointer(buffer), options: options)
        }
    }

    private func memory(of bytes: UnsafeRawBufferPointer, options: DecodingOptions) throws(ImageError)
        -> DecodingMemory
    {
        let format = try ImageFormat(detecting: bytes)
        let whole = try CodecHeader(of: bytes, format: format, limits: limits)
        let isTurned = whole.orientation.swapsSides
        let needed = Self.needed(options, isTurned: isTurned)
        let header = try needed.map { size throws(ImageError) in
            try CodecHeader(of: bytes, format: format, needed: size, limits: limits)
        }
        let fields = (header ?? whole).fields
        let ratio = Self.reduction(of: fields, to: needed)
        let (width, height) = (Int(fields.decoded.width) / ratio + 1, Int(fields.decoded.height) / ratio + 1)
        let sampleBytes = fields.depth / 8
        let hasAlpha = fields.layout == IC_GREY_ALPHA || fields.layout == IC_RGBA
        let channels = options.keepsAlpha && hasAlpha ? 4 : 3
        let photo = width * height * channels * Int(sampleBytes)
        let ownPixels = whole.width * whole.height
        // A picture that is turned exists twice for a moment, after the codec has gone.
        let codec = Int(Self.codecBytes(of: bytes, format: format, fields) * Double(ownPixels))
        return DecodingMemory(
            width: isTurned ? height : width, height: isTurned ? width : height, depth: Int(fields.depth),
            decodingBytes: photo + max(codec, whole.orientation == .topLeft ? 0 : photo), photoBytes: photo)
    }

    /// The bytes that a codec needs for each pixel of a file, beside some rows.
    private static func codecBytes(
        of bytes: UnsafeRawBufferPointer, format: ImageFormat, _ header: ic_header
    ) -> Double {
        let sampleBytes = Double(header.depth) / 8
        let channels: Double =
            switch header.layout {
            case IC_GREY: 1
            case IC_GREY_ALPHA: 2
            case IC_RGB: 3
            default: 4
            }
        switch format {
        // Two bytes for each coefficient, and what inverse transforms of whole rows of blocks take.
        case .jpeg: return comesInScans(bytes) ? 2 * channels + 0.5 : 0.5
        case .png: return bytes.count > 28 && bytes[28] != 0 ? channels * sampleBytes : 0
        case .webp: return bytes.count > 15 && bytes[15] == UInt8(ascii: " ") ? 2 : 9
        case .heic, .avif: return 12 * sampleBytes
        case .gif: return 5
        case .tiff: return 8 * sampleBytes
        }
    }

    /// Whether libjpeg holds the coefficients of a whole JPEG, because its pixels come in several scans.
    private static func comesInScans(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var place = 2
        var components = 0
        while place + 9 < bytes.count, bytes[place] == 0xFF {
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            switch bytes[place + 1] {
            case 0xFF:
                place += 1
                continue
            case 0xC0, 0xC1, 0xC9: components = Int(bytes[place + 9])
            case 0xC2, 0xCA: return true
            case 0xDA: return Int(bytes[place + 4]) < components
            default: break
            }
            place += 2 + length
        }
        return true
    }
}
