/// A segment of a JPEG file, for tests that inspect and change files.
struct JPEGSegment {
    let marker: UInt8
    let payload: Range<Int>

    /// The segments up to and including the first start of scan.
    static func all(in bytes: [UInt8]) -> [JPEGSegment] {
        var segments: [JPEGSegment] = []
        var offset = 2
        while segments.last?.marker != 0xDA {
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            segments.append(JPEGSegment(marker: bytes[offset + 1], payload: offset + 4..<offset + 2 + length))
            offset += 2 + length
        }
        return segments
    }

    /// The frame header: SOF0, SOF1 or SOF2. Its payload is precision, height, width, count and components.
    static func frame(of bytes: [UInt8]) -> JPEGSegment? {
        all(in: bytes).first { (0xC0...0xC2).contains($0.marker) }
    }
}
