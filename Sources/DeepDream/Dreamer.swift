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

    /// Makes the dream of a photo, as ``dream(_:recipe:progress:)-(DreamInputs,_,_)`` does.
    public func dream(
        _ photo: Image, recipe: Recipe, progress: (DreamProgress) throws -> Void = { _ in }
    ) throws -> Image {
        try dream(DreamInputs(photo: photo), recipe: recipe, progress: progress)
    }

    /// Makes a dream.
    ///
    /// The picture is moved along the objective's gradient at several sizes (octaves), small to large. Between octaves,
    /// what the dream has added to the photo so far is enlarged and added to the photo at the new size, as in
    /// google/deepdream: `picture = resized(dream - photo at the old size) + photo at the new size`.
    ///
    /// - Parameters:
    ///   - inputs: the photo and what belongs to it.
    ///   - recipe: what to dream and how, including the dream's size.
    ///   - progress: called after each step. An error that it throws, such as `CancellationError`, ends the dream.
    /// - Returns: the dream, in the size that the recipe asks for; with `detail=restore`, in the photo's.
    /// - Throws: `RecipeError` if a field is not allowed, the model lacks a layer or channel, or the pictures are not
    ///   those that the recipe needs; `ModelError` if the weights cannot be used; any error of `progress`.
    public func dream(
        _ inputs: DreamInputs, recipe: Recipe, progress: (DreamProgress) throws -> Void = { _ in }
    ) throws -> Image {
        try dream(inputs, recipe: recipe) { step, _ in try progress(step) }
    }

    /// Makes a dream, as the method above.
    ///
    /// - Parameters:
    ///   - isCancelled: asked often on this thread, within steps, too. Once it returns true, the dream ends soon with
    ///     `CancellationError`.
    ///   - watching: called after each step, with a closure that makes the picture as it is then, in the size of its
    ///     octave.
    public func dream(
        _ inputs: DreamInputs, recipe: Recipe, isCancelled: @escaping @Sendable () -> Bool = { false },
        watching: (DreamProgress, _ picture: @escaping () -> Image) throws -> Void
    ) throws -> Image {
        try recipe.validate(for: model)
        try recipe.validate(inputs)
        workspace.isCancelled = isCancelled
        defer { workspace.isCancelled = { false } }
        let (width, height) = recipe.dreamSize(forPhoto: inputs.photo.map { ($0.width, $0.height) })
        let original =
            inputs.photo
            ?? Noise.picture(
                width: width, height: height, parametrization: recipe.parametrization, seed: recipe.seed)
        let photo = original.resized(width: width, height: height, filter: .lanczos3, isCancelled: isCancelled)
        try checkCancellation()
        guard recipe.steps > 0 else { return recipe.detail == .restore ? original : photo }
        defer { workspace.releaseExcessMemory() }
        let guides = try inputs.guide.map { try features(of: $0, recipe: recipe) } ?? [:]
        let dream = try octaves(
            width: width, height: height, guides: guides, recipe: recipe, watching: watching
        ) { FloatImage(signedUnit: photo, width: $0, height: $1, filter: .triangle) }
        let finished = Finish(recipe, mask: inputs.mask, in: workspace)
            .apply(to: dream, photo: photo, original: original)
        try checkCancellation()
        return finished
    }

    /// Makes the dream of a decoded photo. One of 16 bits does not pass through 8, unless a part of the photo is to
    /// stay in the dream (a mask, `strength`, `preserve_color`, `preserve_brightness`, `detail=restore`).
    ///
    /// - Parameters:
    ///   - photo: the photo, decoded as `Recipe.decodingOptions(for:isCancelled:)` says; nil for a dream from noise.
    ///   - inputs: what belongs to it; its photo is not used.
    ///   - isCancelled: asked often on this thread, within steps, too. Once it returns true, the dream ends soon with
    ///     `CancellationError`.
    ///   - watching: called after each step, with a closure that makes the picture as it is then.
    /// - Returns: the dream in −1...1, in the size that the recipe asks for.
    /// - Throws: as `dream(_:recipe:progress:)` of inputs.
    public func dream(
        _ photo: Photo?, with inputs: DreamInputs, recipe: Recipe,
        isCancelled: @escaping @Sendable () -> Bool = { false },
        watching: (DreamProgress, _ picture: @escaping () -> Image) throws -> Void
    ) throws -> FloatImage {
        var inputs = inputs
        inputs.photo = photo?.image
        guard let photo, photo.samples.depth == 16, !recipe.keepsPhoto, inputs.mask == nil else {
            let dream = try dream(inputs, recipe: recipe, isCancelled: isCancelled, watching: watching)
            return FloatImage(signedUnit: dream)
        }
        try recipe.validate(for: model)
        try recipe.validate(inputs)
        workspace.isCancelled = isCancelled
        defer { workspace.isCancelled = { false } }
        let (width, height) = recipe.dreamSize(forPhoto: (photo.width, photo.height))
        let whole = photo.signedUnit.resized(
            width: width, height: height, filter: .lanczos3, isCancelled: isCancelled)
        try checkCancellation()
        guard recipe.steps > 0 else { return whole }
        defer { workspace.releaseExcessMemory() }
        let guides = try inputs.guide.map { try features(of: $0, recipe: recipe) } ?? [:]
        return try octaves(
            width: width, height: height, guides: guides, recipe: recipe, watching: watching
        ) { whole.resized(width: $0, height: $1, filter: .triangle) }
    }

    /// What layers see of a picture, at least as large as the model accepts.
    func activations(
        of layers: [String], picture: FloatImage, isCancelled: @escaping @Sendable () -> Bool
    ) throws -> [String: LayerActivations] {
        workspace.isCancelled = isCancelled
        defer {
            workspace.isCancelled = { false }
            workspace.releaseExcessMemory()
        }
        return try workspace.activations(
            of: layers, picture: picture.values, height: picture.height, width: picture.width)
    }

    /// The longer side at which a network sees a guide, in pixels.
    static let guideSide = 256

    /// What the guided layers see of a guide.
    private func features(of guide: Image, recipe: Recipe) throws -> [String: GuideFeatures] {
        let (width, height) = OutputSize.longerSide(Self.guideSide)
            .resolved(forWidth: guide.width, height: guide.height)
        let canvas = Canvas(width: width, height: height, smallestSide: model.smallestSide)
        let picture = canvas.filled(
            with: FloatImage(
                signedUnit: guide.resized(
                    width: width, height: height, filter: .lanczos3, isCancelled: workspace.isCancelled)))
        return try workspace.guideFeatures(
            of: recipe.objective(in: model).filter { $0.measure == .guide }.map(\.layer), picture: picture.values,
            height: canvas.height, width: canvas.width)
    }

    /// Dreams the photo at all sizes. Returns the largest.
    ///
    /// - Parameter photo: the photo in a width and height.
    private func octaves(
        width: Int, height: Int, guides: [String: GuideFeatures], recipe: Recipe,
        watching: (DreamProgress, _ picture: @escaping () -> Image) throws -> Void, photo: (Int, Int) -> FloatImage
    ) throws -> FloatImage {
        let sizes = recipe.octaveSizes(width: width, height: height, smallestSide: model.smallestSide)
        var random = SplitMix64(seed: recipe.seed)
        var picture = FloatImage(width: 1, height: 1)
        let pixels = sizes.map { Double($0.width * $0.height) }
        let allPixels = pixels.reduce(0, +)
        for (index, size) in sizes.enumerated() {
            func resizedPhoto() -> FloatImage {
                photo(size.width, size.height)
            }
            let isFirst = index == 0
            let isLast = index == sizes.count - 1
            switch recipe.octaveDetail {
            case .carry where !isFirst:
                picture = picture.resized(width: size.width, height: size.height, filter: .triangle)
            default:
                // What the octave before has added, which `picture` is now, on the photo at this size.
                var start = resizedPhoto()
                if !isFirst { start.add(resized: picture, filter: .triangle) }
                picture = start
            }
            let base = recipe.photoDistance > 0 ? resizedPhoto() : nil
            picture = try ascend(
                consume picture, photo: base, guides: guides, recipe: recipe, random: &random
            ) { step, objective, picture in
                let done = pixels[..<index].reduce(0, +) + pixels[index] * Double(step) / Double(recipe.steps)
                let progress = DreamProgress(
                    step: index * recipe.steps + step, totalSteps: sizes.count * recipe.steps, octave: index + 1,
                    octaves: sizes.count, fraction: done / allPixels, objective: objective)
                try watching(progress, picture)
            }
            if !isLast, recipe.octaveDetail == .reinject { picture.subtract(base ?? resizedPhoto()) }
        }
        return picture
    }

    /// Takes the steps of one octave.
    ///
    /// - Parameter photo: the photo in the octave's size, if steps are pulled back to it.
    /// - Returns: the octave's dream.
    private func ascend(
        _ picture: consuming FloatImage, photo: FloatImage?, guides: [String: GuideFeatures], recipe: Recipe,
        random: inout SplitMix64,
        progress: (Int, Double, _ picture: @escaping () -> Image) throws -> Void
    ) throws -> FloatImage {
        let shaping = GradientShaping(recipe)
        let objective = try recipe.objective(in: model)
        let canvas = Canvas(
            width: picture.width, height: picture.height, smallestSide: model.smallestSide)
        let photo = photo.map { FloatBuffer(canvas.filled(with: $0).values) }
        guard let side = recipe.tile.side(forWidth: canvas.width, height: canvas.height),
            recipe.parametrization == .pixels
        else {
            let plan = try workspace.plan(
                objective, height: canvas.height, width: canvas.width, precision: recipe.precision,
                guides: guides)
            let ascent = GradientAscent(
                plan: plan, shaping, isRolled: recipe.jitter > 0, photo: photo, in: workspace)
            canvas.filled(with: picture).values.withUnsafeBufferPointer {
                _ = ascent.picture.update(fromContentsOf: $0)
            }
            // From here on, the ascent has the only copy.
            _ = consume picture
            // Made once, as a step must not allocate memory.
            let current = { withExtendedLifetime(ascent) { canvas.picture(in: ascent.picture) } }
            let currentImage = { Image(signedUnit: current()) }
            try takeSteps(ascent, recipe: recipe, random: &random) { step, objective in
                try progress(step, objective, currentImage)
            }
            return current()
        }
        guard objective.allSatisfy({ $0.position == nil }) else {
            throw RecipeError.contradiction(
                field: "tile", value: recipe.tile.text,
                reason: "a layer's position needs the whole picture; give tile=off")
        }
        let (rows, columns) = (
            TileAxis(length: canvas.height, longest: side), TileAxis(length: canvas.width, longest: side)
        )
        let plan = try workspace.plan(
            objective, height: rows.tile, width: columns.tile, precision: recipe.precision, guides: guides)
        var filled = canvas.filled(with: picture)
        // The picture is changed in its place: there must not be a second reference to it.
        _ = consume picture
        try filled.values.withUnsafeMutableBufferPointer { values in
            let ascent = TiledAscent(
                picture: values, plan: plan, rows: rows, columns: columns, width: canvas.width, height: canvas.height,
                photo: photo, shaping, in: workspace)
            let currentImage = { [values] in Image(signedUnit: canvas.picture(in: values)) }
            try takeSteps(ascent, recipe: recipe, random: &random) { step, objective in
                try progress(step, objective, currentImage)
            }
        }
        return canvas.picture(in: consume filled)
    }

    private func checkCancellation() throws(CancellationError) {
        if workspace.isCancelled() { throw CancellationError() }
    }

    /// - Throws: `CancellationError`; any error of `progress`.
    private func takeSteps(
        _ ascent: some Ascent, recipe: Recipe, random: inout SplitMix64, progress: (Int, Double) throws -> Void
    ) throws {
        for step in 0..<recipe.steps {
            let shift =
                recipe.jitter == 0
                ? (rows: 0, columns: 0)
                : (
                    rows: random.integer(in: -recipe.jitter...recipe.jitter),
                    columns: random.integer(in: -recipe.jitter...recipe.jitter)
                )
            let objective = ascent.step(size: Float(recipe.stepSize), shift: shift, random: &random)
            try checkCancellation()
            try progress(step + 1, objective)
        }
    }
}
