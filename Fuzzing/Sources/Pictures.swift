import CImageCodecs
@testable import Imaging

/// Small enough to decode thousands of pictures in a second.
private let decoder = ImageDecoder(limits: ImageLimits(maximumPixels: 1 << 16, maximumSide: 4096))

/// Decodes the file in all ways: whole, and at a smaller size with everything kept and damage accepted.
func decodePicture(_ bytes: UnsafeRawBufferPointer) throws {
    do {
        try decode(bytes)
    } catch {
        _ = "\(error)"
    }
    var options = DecodingOptions()
    options.needed = (5, 3)
    options.keepsAlpha = true
    options.keepsProfile = true
    options.acceptsDamage = true
    let photo = try decoder.photo(bytes, options: options)
    require(photo.samples.count == 3 * photo.width * photo.height, "the pixels do not fill the picture")
    require(photo.alpha.map { $0.count == photo.width * photo.height } ?? true, "alpha does not fill the picture")
    require(photo.width <= photo.info.width && photo.height <= photo.info.height, "the picture became larger")
}

/// Decodes the file as it is, and with its checksums corrected: no mutation would get past them otherwise.
func decodePNG(_ bytes: UnsafeRawBufferPointer) throws {
    do {
        try decodePicture(bytes)
    } catch {
        _ = "\(error)"
    }
    var corrected = Array(bytes)
    correctChecksums(ofPNG: &corrected)
    try corrected.withUnsafeBytes(decodePicture)
}

/// EXIF data, from its TIFF header on.
func readEXIF(_ bytes: UnsafeRawBufferPointer) {
    // A copy of its own, so that AddressSanitizer sees a read past the end.
    Array(bytes).withUnsafeBytes { tiff in
        guard let reader = EXIFReader(tiff: tiff) else { return }
        _ = reader.orientation()
        for tag in EXIFReader.Tag.allCases { _ = reader.text(of: tag) }
        // What is kept of it is written anew.
        let kept = PhotoMetadata(copyright: reader.text(of: .copyright), artist: reader.text(of: .artist))
        kept.exif?.withUnsafeBytes { written in
            let reader = EXIFReader(tiff: written)
            for (tag, text) in [(EXIFReader.Tag.copyright, kept.copyright), (.artist, kept.artist)] {
                require(
                    text.map { $0.utf8.count >= 4096 || reader?.text(of: tag) == $0 } ?? true,
                    "the text \(text ?? "") does not read back")
            }
        }
    }
}

/// A colour profile, used for every kind of pixels, and kept in files of every format.
func convertColours(_ bytes: UnsafeRawBufferPointer) {
    guard let profile = bytes.baseAddress else { return }
    let pixels = [UInt16](repeating: 0x5A3C, count: 4 * 8)
    var rgb = [UInt16](repeating: 0, count: 3 * 8)
    var message = [CChar](repeating: 0, count: Int(IC_MESSAGE_CAPACITY))
    for layout in [IC_GREY, IC_RGB, IC_RGBA, IC_CMYK] {
        for depth: Int32 in [8, 16] {
            guard let colour = ic_colour_from_icc(profile, bytes.count, layout, depth, &message) else { continue }
            ic_colour_convert(colour, pixels, &rgb, 8)
            ic_colour_free(colour)
            if layout == IC_RGB, depth == 8 { keep(PhotoMetadata(icc: Array(bytes))) }
        }
    }
}

/// Writes a small picture with what a photo's file said, in every format, and reads it back.
private func keep(_ metadata: PhotoMetadata) {
    for format in [ImageFormat.jpeg, .png, .webp] {
        var options = EncodingOptions(format: format)
        options.metadata = metadata
        let picture = FloatImage(width: 2, height: 1, values: [-1, 0, 1, 0.5, 0, -0.5])
        do {
            let file = try picture.encoded(options)
            let photo = try file.withUnsafeBytes { try decoder.photo($0) }
            require(photo.width == 2 && photo.height == 1, "the picture came back in another size")
        } catch {
            require(false, "a picture with the photo's metadata cannot be written as \(format): \(error)")
        }
    }
}

private func decode(_ bytes: UnsafeRawBufferPointer) throws {
    let info = try decoder.inspect(bytes)
    let image = try decoder.decode(bytes)
    require(image.width == info.width && image.height == info.height, "the decoded size differs from the header's")
    require(image.pixels.count == 3 * image.width * image.height, "the pixels do not fill the picture")
}

/// PNG specification, section 5.3: a chunk is a length, a type, data, and the CRC of type and data.
private func correctChecksums(ofPNG bytes: inout [UInt8]) {
    var start = 8
    while start + 12 <= bytes.count {
        let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - start - 12 else { return }
        let end = start + 8 + length
        var crc = UInt32.max
        for byte in bytes[start + 4..<end] {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        for (offset, shift) in [24, 16, 8, 0].enumerated() {
            bytes[end + offset] = UInt8(truncatingIfNeeded: ~crc >> shift)
        }
        start = end + 4
    }
}
