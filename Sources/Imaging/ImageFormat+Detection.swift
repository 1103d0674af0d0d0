extension ImageFormat {
    /// Recognises the format by the file's first bytes, never by its name or a declared media type.
    ///
    /// - Throws: ``ImageError/unsupportedFormat(found:)`` if it is not one of ``readable``.
    package init(detecting bytes: UnsafeRawBufferPointer) throws(ImageError) {
        let format: ImageFormat
        if bytes.have([0xFF, 0xD8, 0xFF]) {
            format = .jpeg
        } else if bytes.have([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            format = .png
        } else if bytes.have("GIF8") {
            format = .gif
        } else if bytes.have("RIFF"), bytes.have("WEBP", at: 8) {
            format = .webp
        } else if bytes.have([0x49, 0x49, 0x2A, 0x00]) || bytes.have([0x4D, 0x4D, 0x00, 0x2A]) {
            format = .tiff
        } else if bytes.have("ftyp", at: 4) {
            format = try Self.ofBrands(bytes)
        } else {
            throw .unsupportedFormat(found: Self.foreignFormat(bytes))
        }
        guard Self.readable.contains(format) else { throw .unsupportedFormat(found: format.name) }
        self = format
    }

    /// A file of ISO's base media format says by its brands what it is. `mif1` and `msf1` leave the coding open; then
    /// the list of compatible brands tells.
    private static func ofBrands(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageFormat {
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        for offset in stride(from: 8, to: min(length, bytes.count, 256), by: 4) where offset != 12 {
            if bytes.have("avif", at: offset) || bytes.have("avis", at: offset) { return .avif }
            if bytes.have("hei", at: offset) || bytes.have("hev", at: offset) { return .heic }
        }
        if bytes.have("mif1", at: 8) || bytes.have("msf1", at: 8) { return .heic }
        throw .unsupportedFormat(found: nil)
    }

    /// The name of a well-known format that cannot be read.
    private static func foreignFormat(_ bytes: UnsafeRawBufferPointer) -> String? {
        if bytes.have([0xFF, 0x0A]) || bytes.have([0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20]) {
            "JPEG XL"
        } else if bytes.have([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20]) {
            "JPEG 2000"
        } else if bytes.have("BM"), bytes.have([0x00, 0x00, 0x00, 0x00], at: 6) {
            "BMP"
        } else {
            nil
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func have(_ signature: [UInt8], at offset: Int = 0) -> Bool {
        count >= offset + signature.count && signature.indices.allSatisfy { self[offset + $0] == signature[$0] }
    }

    fileprivate func have(_ signature: StaticString, at offset: Int = 0) -> Bool {
        have(Array(UnsafeBufferPointer(start: signature.utf8Start, count: signature.utf8CodeUnitCount)), at: offset)
    }
}
