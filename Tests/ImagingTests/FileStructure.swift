/// The segments of a JPEG file, as the tests need to see and change them.
struct JPEGSegment {
    let marker: UInt8
    let payload: Range<Int>

    /// The segments up to and with the first start of scan.
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

/// A chunk of a PNG file.
struct PNGChunk {
    let type: String
    let payload: [UInt8]

    static func all(in bytes: [UInt8]) -> [PNGChunk] {
        var chunks: [PNGChunk] = []
        var offset = 8
        while offset < bytes.count {
            let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            chunks.append(
                PNGChunk(
                    type: String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self),
                    payload: Array(bytes[offset + 8..<offset + 8 + length])))
            offset += 12 + length
        }
        return chunks
    }

    /// Length, type, payload and checksum.
    var encoded: [UInt8] {
        let body = Array(type.utf8) + payload
        return Self.bigEndian(UInt32(payload.count)) + body + Self.bigEndian(Self.checksum(body))
    }

    static func file(_ chunks: [PNGChunk]) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunks.flatMap(\.encoded)
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// CRC-32 as in ISO 3309, bit by bit.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
    }
}
