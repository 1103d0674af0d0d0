extension Image {
    /// The pixels `value · scale + offset`, rounded to the nearest (ties to even) and clamped to 0...255.
    /// NaN becomes 0.
    ///
    /// - Precondition: `image.channels == 3`.
    public init(_ image: FloatImage, scale: Float = 1, offset: Float = 0) {
        precondition(image.channels == 3)
        self.init(
            width: image.width, height: image.height,
            pixels: image.values.mapped { UInt8(clampingRounded: $0 * scale + offset) })
    }

    /// The pixels `(value + 1) · 127.5`, rounded to the nearest (ties to even) and clamped to 0...255. NaN becomes 0.
    ///
    /// - Precondition: `image.channels == 3`.
    public init(signedUnit image: FloatImage) {
        precondition(image.channels == 3)
        self.init(width: image.width, height: image.height, pixels: image.values.mapped(UInt8.init(signedUnit:)))
    }

    /// The pixels `(value + 1) · 127.5` of RGB values in memory, row by row.
    ///
    /// - Precondition: `values.count == 3 * width * height`.
    public init(signedUnit values: UnsafeMutableBufferPointer<Float>, width: Int, height: Int) {
        self.init(width: width, height: height, pixels: values.map(UInt8.init(signedUnit:)))
    }
}
