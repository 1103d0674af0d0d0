import Imaging
import VisionNet

/// Runs recipes on one model. It owns a workspace that it reuses from dream to dream, so each worker has its own.
public final class Dreamer {
    private let workspace: Workspace

    public var model: VisionModel { workspace.model }

    /// - Parameter options: how many threads share one picture, and what computes its convolutions.
    /// - Throws: `ModelError` where this CPU lacks the instruction set that `options` names.
    public init(model: VisionModel, options: ComputeOptions = ComputeOptions()) throws {
        workspace = try Workspace(model: model, options: options)
    }

    /// The dream of a photo.
    ///
    /// Each octave is a size at which the picture climbs the objective's gradient. Between octaves the detail that the
    /// dream has made so far is carried up, and the photo's own detail of the new size put back, as in google/deepdream:
    /// `picture = resized(dream - photo at the old size) + photo at the new size`.
    ///
    /// - Parameters:
    ///   - photo: of any size; the recipe decides the dream's.
    ///   - progress: called after each step; what it throws (a `CancellationError`, say) ends the dream.
    /// - Throws: `RecipeError` where the model lacks a layer of the recipe, `ModelError`, or what `progress` throws.
    public func dream(
        _ photo: Image, recipe: Recipe, progress: (DreamProgress) throws -> Void = { _ in }
    ) throws -> Image {
        try recipe.validate(for: model)
        let (width, height) = recipe.size.resolved(forWidth: photo.width, height: photo.height)
        let sizes = recipe.octaveSizes(width: width, height: height)
        var random = SplitMix64(seed: recipe.seed)
        // Large to small, so that what is done with can be let go from the end.
        var photos = octavePhotos(photo, sizes: sizes)
        var base: FloatImage?
        var dream = FloatImage(width: 1, height: 1)
        while let photo = photos.popLast() {
            dream = base.map { carried(dream, from: $0, to: photo) } ?? photo
            // The last octave has the memory to itself.
            base = photos.isEmpty ? nil : photo
            let octave = sizes.count - photos.count
            dream = try ascend(consume dream, recipe: recipe, random: &random) { step, objective in
                try progress(
                    DreamProgress(
                        step: (octave - 1) * recipe.steps + step, totalSteps: sizes.count * recipe.steps,
                        octave: octave, octaves: sizes.count, objective: objective))
            }
        }
        return Image(signedUnit: dream)
    }

    /// The photo in [-1, 1] at the octaves' sizes, the largest first.
    private func octavePhotos(_ photo: Image, sizes: [(width: Int, height: Int)]) -> [FloatImage] {
        guard let largest = sizes.last else { return [] }
        let whole = FloatImage(
            signedUnit: (photo.width, photo.height) == largest
                ? photo : photo.resized(width: largest.width, height: largest.height, filter: .lanczos3))
        return sizes.reversed().map { size in
            size == largest ? whole : whole.resized(width: size.width, height: size.height, filter: .triangle)
        }
    }

    /// A dream at the next octave: its own detail enlarged, and the photo's detail of the new size.
    private func carried(_ dream: FloatImage, from base: FloatImage, to photo: FloatImage) -> FloatImage {
        var detail = dream
        detail.subtract(base)
        detail = detail.resized(width: photo.width, height: photo.height, filter: .triangle)
        detail.add(photo)
        return detail
    }

    /// The steps of one octave.
    private func ascend(
        _ picture: consuming FloatImage, recipe: Recipe, random: inout SplitMix64,
        progress: (Int, Double) throws -> Void
    ) throws -> FloatImage {
        guard recipe.steps > 0 else { return picture }
        let (width, height) = (picture.width, picture.height)
        let plan = try workspace.plan(
            recipe.layers.map { GradientPlan.Term(layer: $0.layer, weight: $0.weight) },
            height: height, width: width)
        picture.values.withUnsafeBufferPointer { _ = plan.input.update(fromContentsOf: $0) }
        // From here on the picture lives in the plan.
        _ = consume picture
        let ascent = GradientAscent(plan: plan, bands: recipe.bands, math: VectorMath(workspace))
        for step in 1...recipe.steps {
            let shift =
                recipe.jitter == 0
                ? (rows: 0, columns: 0)
                : (
                    rows: random.integer(in: -recipe.jitter...recipe.jitter),
                    columns: random.integer(in: -recipe.jitter...recipe.jitter)
                )
            let objective = ascent.step(size: Float(recipe.stepSize), shift: shift)
            try progress(step, objective)
        }
        return FloatImage(width: width, height: height, values: Array(plan.input))
    }
}

extension Recipe {
    /// The sizes of the octaves for a dream of this size, small to large; none is smaller than the network can see.
    func octaveSizes(width: Int, height: Int) -> [(width: Int, height: Int)] {
        var scale = 1.0
        return (0..<octaves).map { _ in
            defer { scale *= octaveScale }
            func scaled(_ side: Int) -> Int {
                max(VisionModel.minimumSide, Int((Double(side) / scale).rounded(.toNearestOrEven)))
            }
            return (scaled(width), scaled(height))
        }.reversed()
    }
}

extension FloatImage {
    /// - Precondition: both are of one size.
    fileprivate mutating func add(_ other: FloatImage) {
        for index in values.indices { values[index] += other.values[index] }
    }

    /// - Precondition: both are of one size.
    fileprivate mutating func subtract(_ other: FloatImage) {
        for index in values.indices { values[index] -= other.values[index] }
    }
}
