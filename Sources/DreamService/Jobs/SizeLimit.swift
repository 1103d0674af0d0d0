import DeepDream

/// The largest size of a dream.
struct SizeLimit {
    /// The largest product of width and height.
    let maximumPixels: Int

    /// The exact size of the dream of a photo with this width and height. A recipe with an exact size gives the same
    /// dream even if the service's default size changes.
    ///
    /// - Throws: a `Problem` if the dream would be larger than allowed.
    func resolved(_ size: OutputSize, forWidth width: Int, height: Int) throws(Problem) -> OutputSize {
        let (width, height) = size.resolved(forWidth: width, height: height)
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= maximumPixels, OutputSize.allowedSides.contains(width),
            OutputSize.allowedSides.contains(height)
        else {
            throw .sizeTooLarge(size, width: width, height: height, maximumPixels: maximumPixels)
        }
        return .exact(width: width, height: height)
    }

    /// As the other method, for a recipe and the size of its photo; nil if it starts from noise.
    func resolved(_ recipe: Recipe, photo: (width: Int, height: Int)?) throws(Problem) -> OutputSize {
        let size = recipe.dreamSize(forPhoto: photo)
        return try resolved(recipe.size, forWidth: photo?.width ?? size.width, height: photo?.height ?? size.height)
    }

    /// Checks a size before the photo is known, which is possible for exact sizes only.
    ///
    /// - Throws: a `Problem` if the dream would be larger than allowed.
    func check(_ size: OutputSize) throws(Problem) {
        if case .exact = size { _ = try resolved(size, forWidth: 1, height: 1) }
    }

    /// The longest sides that are offered in the place of one that is too large are multiples of this.
    private static let grain = 8

    /// The longer side of the largest size of this shape that fits; nil if none does.
    ///
    /// - Parameters:
    ///   - size: one that does not fit, and has the shape.
    ///   - fits: whether a size fits. If one does, all smaller ones do.
    static func longestSide(
        below size: (width: Int, height: Int), fits: (_ width: Int, _ height: Int) -> Bool
    ) -> Int? {
        var (fitting, tooLarge) = (0, max(size.width, size.height) / grain + 1)
        while tooLarge - fitting > 1 {
            let middle = (fitting + tooLarge) / 2
            let scaled = OutputSize.longerSide(middle * grain).resolved(forWidth: size.width, height: size.height)
            if fits(scaled.width, scaled.height) { fitting = middle } else { tooLarge = middle }
        }
        return fitting > 0 ? fitting * grain : nil
    }
}
