import CZlib

/// What the studio needs of zlib.
enum Gzip {
    /// The bytes as a gzip file (RFC 1952); nil where that would not be smaller.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        // zlib remembers the address of its stream, so it must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: z_stream())
        // 16 more than the window asks for gzip's header instead of zlib's.
        let status = deflateInit2_(
            stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { return nil }
        defer { deflateEnd(stream) }
        var output = [UInt8](repeating: 0, count: bytes.count)
        let isEnd = bytes.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                return deflate(stream, Z_FINISH) == Z_STREAM_END
            }
        }
        guard isEnd else { return nil }
        return Array(output.prefix(Int(stream.pointee.total_out)))
    }

    /// CRC-32 of some files together, as hexadecimal digits.
    static func checksum(_ files: [[UInt8]]) -> String {
        let value = files.reduce(crc32_z(0, nil, 0)) { crc32_z($0, $1, $1.count) }
        return String(value, radix: 16)
    }
}
