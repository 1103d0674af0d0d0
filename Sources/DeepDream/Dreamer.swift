import Imaging
import VisionNet

/// Runs recipes on one model. It owns a workspace, which it reuses from dream to dream; so each worker needs a dreamer
/// of its own.
public final class Dreamer {
    private let workspace: Workspace

    public var model: VisionModel { workspace.model }

    /// - Parameters:
    ///   - model: the network to dream with, which several dreamers may share.
    ///   - options: how many threads share one picture, and what computes its convolutions.
    /// - Throws: `ModelError` if this CPU lacks the instruction set that `options` names.
    public init(model: VisionModel, options: ComputeOptions = ComputeOptions()) throws {
        workspace = try Workspace(model: model, options: options)
    }

    /// Makes the dream of a photo.
    ///
    /// The picture is moved along the objective's gradient at several sizes (octaves), small to large. Between octaves,
    /// what the dream has added to the photo so far is enlarged and added to the photo at the new size, as in
    /// google/deepdream: `picture = resized(dream - photo at the old size) + photo at the new size`.
    ///
    /// - Parameters:
    ///   - photo: a picture of any size.
    ///   - recipe: what to dream and how, including the dream's size.
    ///   - progress: called after each step. An error that it throws, such as `CancellationError`, ends the dream.
    /// - Returns: the dream, in the size that the recipe asks for.
    /// - Throws: `RecipeError` if a field is not allowed or the model lacks a layer or channel; `ModelError` if the
    ///   weights cannot be used; any error of `progress`.
    public func dream(
        _ photo: Image, recipe: Recipe, progress: (DreamProgress) throws -> Void = { _ in }
    ) throws -> Image {
        let (width, height) = recipe.size.resolved(forWidth: photo.width, height: photo.height)
        let whole = FloatImage(signedUnit: photo.resized(width: width, height: height, filter: .lanczos3))
        return Image(signedUnit: try dream(whole, recipe: recipe, progress: progress))
    }

    /// Makes the dream of a decoded photo, whose own size its `info` tells. Depth is kept: a photo of 16 bits does not
    /// pass through 8.
    ///
    /// - Returns: the dream in −1...1, in the size that the recipe asks for.
    /// - Throws: as `dream(_:recipe:progress:)` of an `Image`.
    public func dream(
        _ photo: Photo, recipe: Recipe, progress: (DreamProgress) throws -> Void = { _ in }
    ) throws -> FloatImage {
        let (width, height) = recipe.size.resolved(forWidth: photo.info.width, height: photo.info.height)
        let whole =
            photo.samples.depth == 8
            ? FloatImage(signedUnit: photo.image.resized(width: width, height: height, filter: .lanczos3))
            : photo.signedUnit.resized(width: width, height: height, filter: .lanczos3)
        return try dream(whole, recipe: recipe, progress: progress)
    }

    /// Makes the dream of a photo that has the dream's size.
    private func dream(
        _ whole: FloatImage, recipe: Recipe, progress: (DreamProgress) throws -> Void
    ) throws -> FloatImage {
        try recipe.validate(for: model)
        let sizes = recipe.octaveSizes(width: whole.width, height: whole.height, smallestSide: model.smallestSide)
        guard recipe.steps > 0 else { return whole }
        defer { workspace.releaseExcessMemory() }
        var random = SplitMix64(seed: recipe.seed)
        func dream(from picture: consuming FloatImage, octave: Int) throws -> FloatImage {
            try ascend(picture, recipe: recipe, random: &random) { step, objective in
                try progress(
                    DreamProgress(
                        step: (octave - 1) * recipe.steps + step, totalSteps: sizes.count * recipe.steps,
                        octave: octave, octaves: sizes.count, objective: objective))
            }
        }
        var smaller: Octave?
        for (index, size) in sizes.dropLast().enumerated() {
            let photo = whole.resized(width: size.width, height: size.height, filter: .triangle)
            smaller = Octave(
                dream: try dream(from: smaller?.carried(to: photo) ?? photo, octave: index + 1), photo: photo)
        }
        let start = smaller?.carried(to: whole) ?? whole
        smaller = nil
        return try dream(from: start, octave: sizes.count)
    }

    /// A dream and its photo at one of the sizes.
    private struct Octave {
        let dream: FloatImage
        let photo: FloatImage

        /// Where the next octave starts: what the dream has added to the photo, enlarged and added to the larger photo.
        func carried(to larger: FloatImage) -> FloatImage {
            var detail = dream
            detail.subtract(photo)
            detail = detail.resized(width: larger.width, height: larger.height, filter: .triangle)
            detail.add(larger)
            return detail
        }
    }

    /// Takes the steps of one octave.
    ///
    /// - Returns: the octave's dream.
    private func ascend(
        _ picture: consuming FloatImage, recipe: Recipe, random: inout SplitMix64,
        progress: (Int, Double) throws -> Void
    ) throws -> FloatImage {
        let canvas = Canvas(
            width: picture.width, height: picture.height, smallestSide: model.smallestSide)
        let plan = try workspace.plan(
            try recipe.objective(in: model),
            height: canvas.height, width: canvas.width, precision: recipe.precision)
        let ascent = GradientAscent(
            plan: plan, bands: recipe.bands, colorDecorrelation: recipe.colorDecorrelation,
            isRolled: recipe.jitter > 0, in: workspace)
        canvas.filled(with: picture).values.withUnsafeBufferPointer {
            _ = ascent.picture.update(fromContentsOf: $0)
        }
        // From here on, the ascent has the only copy.
        _ = consume picture
        for step in 0..<recipe.steps {
            let shift =
                recipe.jitter == 0
                ? (rows: 0, columns: 0)
                : (
                    rows: random.integer(in: -recipe.jitter...recipe.jitter),
                    columns: random.integer(in: -recipe.jitter...recipe.jitter)
                )
            let objective = ascent.step(size: Float(recipe.stepSize), shift: shift)
            try progress(step + 1, objective)
        }
        return withExtendedLifetime(ascent) { canvas.picture(in: ascent.picture) }
    }
}
