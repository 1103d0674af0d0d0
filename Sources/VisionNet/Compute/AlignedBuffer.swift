/// Memory aligned to cache lines, freed with its owner.
///
/// Two uses make sharing it safe: weights are never written again once they are filled, and in a workspace's memory
/// each thread of a program writes only its own part.
final class AlignedBuffer: @unchecked Sendable {
    static let alignment = 64

    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        bytes = .allocate(byteCount: max(byteCount, Self.alignment), alignment: Self.alignment)
    }

    convenience init(floats count: Int) {
        self.init(byteCount: count * MemoryLayout<Float>.stride)
    }

    convenience init(_ values: [Float]) {
        self.init(floats: values.count)
        values.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }

    var floats: UnsafeMutablePointer<Float> {
        bytes.assumingMemoryBound(to: Float.self).baseAddress ?? Self.unreachable()
    }

    deinit { bytes.deallocate() }

    /// The buffer is never empty, so it has a base address.
    private static func unreachable() -> UnsafeMutablePointer<Float> { preconditionFailure("empty buffer") }
}
