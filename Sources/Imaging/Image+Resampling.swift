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

extension Image {
    /// The picture at another size, antialiased when shrinking, in the encoded (not linear) values as Pillow does it.
    ///
    /// Values are computed in floating point, then rounded and clamped once. Pillow rounds and clamps after each of its
    /// two passes, so pixels may differ from Pillow's by one level; by more only where Pillow clamps an overshoot that
    /// the second pass would have evened out.
    ///
    /// - Precondition: `width` and `height` are positive.
    public func resized(width: Int, height: Int, filter: ResamplingFilter = .lanczos3) -> Image {
        if width == self.width, height == self.height { return self }
        let resized = pixels.resampled(
            from: (self.width, self.height), to: (width, height), channels: 3, filter: filter)
        return Image(width: width, height: height, pixels: resized)
    }
}

extension Array where Element: ResamplableSample {
    fileprivate func resampled(
        from source: (width: Int, height: Int), to target: (width: Int, height: Int), channels: Int,
        filter: ResamplingFilter
    ) -> [Element] {
        let resampler = Resampler(from: source, to: target, channels: channels, filter: filter)
        let count = target.width * target.height * channels
        return withUnsafeBufferPointer { samples in
            [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
                resampler.run(samples, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initializedCount = count
            }
        }
    }
}
