/// Memory that a thread uses within one unit of a step, a part for each thread.
final class ScratchMemory {
    private let threads: Int
    private var bytesPerThread = AlignedBuffer.alignment
    private var buffer: AlignedBuffer

    init(threads: Int) {
        self.threads = threads
        buffer = AlignedBuffer(byteCount: threads * AlignedBuffer.alignment)
    }

    /// Announces a need; call `allocate` after the last.
    func require(_ bytes: Int) {
        let aligned = (bytes + AlignedBuffer.alignment - 1) / AlignedBuffer.alignment * AlignedBuffer.alignment
        bytesPerThread = max(bytesPerThread, aligned)
    }

    func allocate() {
        guard buffer.bytes.count < threads * bytesPerThread else { return }
        buffer = AlignedBuffer(byteCount: threads * bytesPerThread)
    }

    func floats(of thread: Int) -> UnsafeMutablePointer<Float> {
        buffer.floats + thread * bytesPerThread / MemoryLayout<Float>.stride
    }
}
