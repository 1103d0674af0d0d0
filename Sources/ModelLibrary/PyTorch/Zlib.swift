import CZlib

/// What zip files need of zlib.
enum Zlib {
    /// The CRC-32 of a zip file's entry.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }

    /// Decompresses raw deflate data, as zip files have it, into `output`, and stops where that is full.
    ///
    /// - Returns: how many bytes were written, and whether the data ended there; nil for damaged data.
    static func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) -> (count: Int, isEnd: Bool)? {
        // zlib remembers the address of its stream, so it must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, size) == Z_OK else { return nil }
        defer { inflateEnd(stream) }

        let source = input.bindMemory(to: UInt8.self)
        let target = output.bindMemory(to: UInt8.self)
        var (read, written) = (0, 0)
        while true {
            let availableInput = UInt32(clamping: source.count - read)
            let availableOutput = UInt32(clamping: target.count - written)
            stream.pointee.next_in = source.baseAddress.map { $0 + read }
            stream.pointee.avail_in = availableInput
            stream.pointee.next_out = target.baseAddress.map { $0 + written }
            stream.pointee.avail_out = availableOutput
            let status = CZlib.inflate(stream, Z_NO_FLUSH)
            let (taken, made) = (availableInput - stream.pointee.avail_in, availableOutput - stream.pointee.avail_out)
            read += Int(taken)
            written += Int(made)
            switch status {
            case Z_STREAM_END: return (written, true)
            case Z_OK where taken > 0 || made > 0: continue
            // No progress: the output is full, or the input is cut off.
            case Z_OK, Z_BUF_ERROR: return written == target.count ? (written, false) : nil
            default: return nil
            }
        }
    }
}
