/// Floats that stay where they are, freed with their owner.
final class FloatBuffer {
    let values: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }
}

extension UnsafeMutableBufferPointer<Float> {
    /// One of the lines of `length` floats that lie one after another.
    func line(_ index: Int, of length: Int) -> Self {
        Self(rebasing: self[index * length..<(index + 1) * length])
    }
}
