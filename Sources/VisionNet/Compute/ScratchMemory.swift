/// Memory that one thread uses within a part of a step; it grows to what was asked of it and stays.
final class ScratchMemory {
    private var buffer = AlignedBuffer(byteCount: 0)

    /// Room for so many bytes, with anything in it.
    func room(bytes: Int) -> AlignedBuffer {
        if buffer.bytes.count < bytes { buffer = AlignedBuffer(byteCount: bytes) }
        return buffer
    }
}
