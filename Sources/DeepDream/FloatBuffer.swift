/// Floats at a fixed address, which are freed with this object.
final class FloatBuffer {
    let values: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    deinit { values.deallocate() }
}

extension UnsafeMutableBufferPointer<Float> {
    /// The `index`-th line, if the floats are consecutive lines of `length` floats each.
    func line(_ index: Int, of length: Int) -> Self {
        Self(rebasing: self[index * length..<(index + 1) * length])
    }
}
