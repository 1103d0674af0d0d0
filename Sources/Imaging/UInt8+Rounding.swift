extension UInt8 {
    /// A value of -1...1 as a pixel.
    @inline(__always)
    init(signedUnit value: Float) {
        self.init(clampingRounded: (value + 1) * 127.5)
    }

    /// The nearest of 0...255, ties to even.
    init(clampingRounded value: Float) {
        let clamped: Float = value > 0 ? (value < 255 ? value : 255) : 0
        // Adding 1.5 · 2²³ leaves no fraction bits: the addition itself rounds, and the mantissa ends in the integer.
        // Unlike `rounded()`, this never calls the maths library, whatever processor the code is compiled for.
        self.init(truncatingIfNeeded: (clamped + 0x1.8p23).bitPattern)
    }
}
