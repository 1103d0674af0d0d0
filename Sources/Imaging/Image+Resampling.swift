extension Image {
    /// The picture at another size, antialiased when shrinking, in the encoded (not linear) values as Pillow does it.
    ///
    /// Values are computed in floating point, then rounded and clamped once. Pillow rounds and clamps after each of its
    /// two passes, so pixels may differ from Pillow's by one level; by more only where Pillow clamps an overshoot that
    /// the second pass would have evened out.
    ///
    /// - Parameter isCancelled: asked for each row; once it returns true, the rest of the picture is black.
    /// - Precondition: `width` and `height` are positive.
    public func resized(
        width: Int, height: Int, filter: ResamplingFilter = .lanczos3, isCancelled: () -> Bool = { false }
    ) -> Image {
        if width == self.width, height == self.height { return self }
        let resized = pixels.resampled(
            from: (self.width, self.height), to: (width, height), channels: 3, filter: filter,
            isCancelled: isCancelled)
        return Image(width: width, height: height, pixels: resized)
    }
}
