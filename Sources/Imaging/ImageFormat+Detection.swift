extension ImageFormat {
    /// The format's usual name.
    package var name: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        }
    }

    /// Recognises the format by the file's first bytes, never by its name or a declared media type.
    ///
    /// - Throws: ``ImageError/unsupportedFormat(found:)``
    package init(detecting bytes: UnsafeRawBufferPointer) throws(ImageError) {
        func has(_ signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + signature.count
                && signature.indices.allSatisfy { bytes[offset + $0] == signature[$0] }
        }
        func has(_ signature: StaticString, at offset: Int = 0) -> Bool {
            has(Array(UnsafeBufferPointer(start: signature.utf8Start, count: signature.utf8CodeUnitCount)), at: offset)
        }

        if has([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if has("GIF8") {
            throw .unsupportedFormat(found: "GIF")
        } else if has("RIFF"), has("WEBP", at: 8) {
            throw .unsupportedFormat(found: "WebP")
        } else if has("ftypavif", at: 4) {
            throw .unsupportedFormat(found: "AVIF")
        } else if has("ftyphei", at: 4) || has("ftyphev", at: 4) || has("ftypmif1", at: 4) {
            throw .unsupportedFormat(found: "HEIF")
        } else if has([0x49, 0x49, 0x2A, 0x00]) || has([0x4D, 0x4D, 0x00, 0x2A]) {
            throw .unsupportedFormat(found: "TIFF")
        } else if has([0xFF, 0x0A]) || has([0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20]) {
            throw .unsupportedFormat(found: "JPEG XL")
        } else if has([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20]) {
            throw .unsupportedFormat(found: "JPEG 2000")
        } else if has("BM"), has([0x00, 0x00, 0x00, 0x00], at: 6) {
            throw .unsupportedFormat(found: "BMP")
        } else {
            throw .unsupportedFormat(found: nil)
        }
    }
}
