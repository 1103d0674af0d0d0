/// A chunk of a PNG file, for tests that inspect and change files.
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
