/// Floats at a fixed address, which are freed with this object.
final class FloatBuffer {
    let values: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
    }

    init(_ floats: [Float]) {
        values = .allocate(capacity: floats.count)
        _ = values.initialize(fromContentsOf: floats)
    }

    deinit { values.deallocate() }
}
