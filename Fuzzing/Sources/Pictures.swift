import Imaging

/// Small enough to decode thousands of pictures in a second.
private let decoder = ImageDecoder(limits: ImageLimits(maximumPixels: 1 << 16, maximumSide: 4096))

func decodeJPEG(_ bytes: UnsafeRawBufferPointer) throws {
    try decode(bytes)
}

/// Decodes the file as it is, and with its checksums corrected: no mutation would get past them otherwise.
func decodePNG(_ bytes: UnsafeRawBufferPointer) throws {
    do {
        try decode(bytes)
    } catch {
        _ = "\(error)"
    }
    var corrected = Array(bytes)
    correctChecksums(ofPNG: &corrected)
    try corrected.withUnsafeBytes(decode)
}

/// The file type is chosen by the first byte, the rest is the file.
func readOrientation(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    // A copy of its own, so that AddressSanitizer sees a read past the end.
    Array(bytes.dropFirst()).withUnsafeBytes { file in
        _ = ImageOrientation(of: file, format: first & 1 == 0 ? .jpeg : .png)
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
