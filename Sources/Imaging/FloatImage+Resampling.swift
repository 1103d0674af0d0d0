extension FloatImage {
    /// The picture at another size, antialiased when shrinking. Each channel is resampled on its own.
    ///
    /// Values agree with Pillow's `resize` in mode "F". Bicubic and Lanczos kernels overshoot at edges, so the result's
    /// range may be a little wider than the source's.
    ///
    /// - Parameter isCancelled: asked for each row; once it returns true, the rest of the picture is 0.
    /// - Precondition: `width` and `height` are positive.
    public func resized(
        width: Int, height: Int, filter: ResamplingFilter = .lanczos3, isCancelled: () -> Bool = { false }
    ) -> FloatImage {
        if width == self.width, height == self.height { return self }
        let resized = values.resampled(
            from: (self.width, self.height), to: (width, height), channels: channels, filter: filter,
            isCancelled: isCancelled)
        return FloatImage(width: width, height: height, channels: channels, values: resized)
    }

    /// A picture's values in −1...1 at another size: `FloatImage(signedUnit: image).resized(…)`, bit for bit, without
    /// the whole picture in floats.
    ///
    /// - Precondition: `width` and `height` are positive.
    public init(signedUnit image: Image, width: Int, height: Int, filter: ResamplingFilter) {
        guard (width, height) != (image.width, image.height) else {
            self.init(signedUnit: image)
            return
        }
        let resampler = Resampler(
            from: (image.width, image.height), to: (width, height), channels: 3, filter: filter)
        let count = 3 * width * height
        let values = image.pixels.withUnsafeBufferPointer { pixels in
            pixels.withMemoryRebound(to: SignedUnitSample.self) { samples in
                [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
                    resampler.run(samples, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                    initializedCount = count
                }
            }
        }
        self.init(width: width, height: height, values: values)
    }

    /// Calls `body` with each row of the picture at another size, from the top, as `resized` gives it. The row's memory
    /// is used again for the next, so that a large result needs none.
    ///
    /// - Parameter isCancelled: asked for each row; once it returns true, no more rows follow.
    /// - Precondition: `width` and `height` are positive.
    public func forEachRow(
        resizedTo size: (width: Int, height: Int), filter: ResamplingFilter = .lanczos3,
        isCancelled: () -> Bool = { false },
        _ body: (_ row: Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let resampler = Resampler(from: (width, height), to: size, channels: channels, filter: filter)
        values.withUnsafeBufferPointer { resampler.forEachRow(of: $0, isCancelled: isCancelled, body) }
    }
}
