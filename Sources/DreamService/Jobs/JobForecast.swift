import DeepDream
import Imaging
import VisionNet

/// Refuses jobs that would take longer than they may, before they wait.
struct JobForecast {
    let throughput: Throughput
    let model: VisionModel

    /// Checks that a dream takes no longer than it may. For a model whose speed was not measured yet, only dreams are
    /// refused that would take too long even if it were several times faster than others.
    ///
    /// - Parameters:
    ///   - size: of the dream, in pixels.
    ///   - limit: how long it may compute, in seconds.
    /// - Returns: what it will cost.
    /// - Throws: a `Problem` with the prediction, and the largest size that would fit.
    func check(_ recipe: Recipe, size: (width: Int, height: Int), limit: Int) throws(Problem) -> JobCost {
        let cost = JobCost(recipe, model: model, size: size)
        guard let seconds = throughput.leastSeconds(for: cost), seconds > Double(limit) else { return cost }
        throw .tooExpensive(
            recipe.size, seconds: seconds, isLeast: throughput.seconds(for: cost) == nil, limit: limit,
            longestSide: longestSide(recipe, size: size, limit: Double(limit)))
    }

    /// Checks a request, whose photo's size decides the dream's.
    ///
    /// - Returns: nil if the photo cannot be read, or the dream would be too large.
    func check(_ request: DreamRequest, configuration: ServiceConfiguration, limit: Int) throws(Problem) -> JobCost? {
        let decoder = ImageDecoder(
            limits: ImageLimits(maximumPixels: configuration.maxPixels, maximumSide: configuration.maxSide))
        var photo: (width: Int, height: Int)?
        if let image = request.image {
            guard let info = try? decoder.inspect(image.bytes) else { return nil }
            photo = (info.width, info.height)
        }
        let sizeLimit = SizeLimit(maximumPixels: configuration.maxOutputPixels)
        guard case .exact(let width, let height) = try? sizeLimit.resolved(request.recipe, photo: photo) else {
            return nil
        }
        return try check(request.recipe, size: (width, height), limit: limit)
    }

    /// The longer side of the largest dream of this shape that is done in time; nil if there is none.
    private func longestSide(_ recipe: Recipe, size: (width: Int, height: Int), limit: Double) -> Int? {
        SizeLimit.longestSide(below: size) { width, height in
            let cost = JobCost(recipe, model: model, size: (width, height))
            return (throughput.leastSeconds(for: cost) ?? 0) <= limit
        }
    }
}

extension Problem {
    /// - Parameters:
    ///   - seconds: how long the dream would probably take.
    ///   - isLeast: whether it may take much longer.
    ///   - limit: how long it may.
    ///   - longestSide: the longer side of the largest dream that is done in time; nil if there is none.
    static func tooExpensive(
        _ size: OutputSize, seconds: Double, isLeast: Bool, limit: Int, longestSide: Int?
    ) -> Problem {
        let advice =
            longestSide.map { "the largest size that would fit is max:\($0)" }
            ?? "no size would fit, so ask for fewer steps or octaves"
        return Problem(
            422, "too-expensive", title: "The dream would cost too much",
            detail: "the dream would take \(isLeast ? "at least" : "about") \(Int(seconds.rounded(.up))) seconds, "
                + "but may take \(limit); \(advice)",
            field: "size", value: size.text, allowed: longestSide.map { "at most max:\($0)" })
    }
}
