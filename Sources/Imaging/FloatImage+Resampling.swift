extension FloatImage {
    /// The picture at another size, antialiased when shrinking. Each channel is resampled on its own.
    ///
    /// Values agree with Pillow's `resize` in mode "F". Bicubic and Lanczos kernels overshoot at edges, so the result's
    /// range may be a little wider than the source's.
    ///
    /// - Precondition: `width` and `height` are positive.
    public func resized(width: Int, height: Int, filter: ResamplingFilter = .lanczos3) -> FloatImage {
        if width == self.width, height == self.height { return self }
        let resized = values.resampled(
            from: (self.width, self.height), to: (width, height), channels: channels, filter: filter)
        return FloatImage(width: width, height: height, channels: channels, values: resized)
    }
}
