extension UnsafeMutableBufferPointer<Float> {
    /// The `index`-th line, if the floats are consecutive lines of `length` floats each.
    func line(_ index: Int, of length: Int) -> Self {
        Self(rebasing: self[index * length..<(index + 1) * length])
    }
}
