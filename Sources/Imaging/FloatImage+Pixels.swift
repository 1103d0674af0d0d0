extension FloatImage {
    /// Red, green and blue as `pixel · scale + offset`.
    ///
    /// By default, values are those of the pixels, in 0...255.
    public init(_ image: Image, scale: Float = 1, offset: Float = 0) {
        self.init(
            width: image.width, height: image.height,
            values: image.pixels.mapped { Float($0) * scale + offset })
    }

    /// Red, green and blue as `pixel / 127.5 − 1`, in −1...1: the range that Inception networks take.
    public init(signedUnit image: Image) {
        self.init(width: image.width, height: image.height, values: image.pixels.mapped { Float($0) / 127.5 - 1 })
    }
}
