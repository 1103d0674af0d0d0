import DeepDream

/// How large a dream may be.
struct SizeLimit {
    /// Width times height.
    let maximumPixels: Int

    /// The dream's width and height for a photo of this size, as an exact size: the recipe that says it repeats the
    /// dream whatever the default size is by then.
    ///
    /// - Throws: a `Problem` naming the limit.
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

    /// Refuses an exact size at once; the others depend on the photo.
    func check(_ size: OutputSize) throws(Problem) {
        if case .exact = size { _ = try resolved(size, forWidth: 1, height: 1) }
    }
}
