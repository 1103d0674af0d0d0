/// Memory that one thread uses within a part of a step. It grows to the largest size requested and never shrinks.
final class ScratchMemory {
    private var buffer = AlignedBuffer(byteCount: 0)

    /// Memory of at least this many bytes, not initialised.
    func room(bytes: Int) -> AlignedBuffer {
        if buffer.bytes.count < bytes { buffer = AlignedBuffer(byteCount: bytes) }
        return buffer
    }
}
