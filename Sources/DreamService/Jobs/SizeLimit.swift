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
}
