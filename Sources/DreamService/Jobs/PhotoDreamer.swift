import DeepDream
import Imaging
import VisionNet

/// Decodes a job's photo, dreams, and encodes the dream.
package final class PhotoDreamer: JobProcessor {
    private let catalog: ModelCatalog
    private let options: ComputeOptions
    private let configuration: LiveConfiguration
    /// The dreamers by their models' names, made when first needed. They are kept because they reuse their memory.
    private var dreamers: [String: Dreamer] = [:]

    /// - Parameter options: pass the same to all workers, so that they share one team of threads.
    package init(catalog: ModelCatalog, configuration: LiveConfiguration, options: ComputeOptions) {
        self.catalog = catalog
        self.options = options
        self.configuration = configuration
    }

    package func dream(_ job: Job) throws -> JobResult {
        let clock = ContinuousClock()
        var recipe = job.recipe
        let configuration = configuration.current
        let limits = ImageLimits(maximumPixels: configuration.maxPixels, maximumSide: configuration.maxSide)
        let decoder = ImageDecoder(limits: limits)
        let sizeLimit = SizeLimit(maximumPixels: configuration.maxOutputPixels)
        var stages: [(name: String, duration: Duration)] = []
        func timed<Value>(_ name: String, _ work: () throws -> Value) rethrows -> Value {
            let start = clock.now
            defer { stages.append((name, start.duration(to: clock.now))) }
            return try work()
        }

        let photo = try timed("decode") {
            let info = try decoder.inspect(job.upload)
            try decoder.limits.check(width: info.width, height: info.height)
            recipe.size = try sizeLimit.resolved(recipe.size, forWidth: info.width, height: info.height)
            return try decode(job, with: decoder, recipe: recipe, info: info)
        }
        let picture = try timed("dream") {
            try dreamer(named: recipe.model).dream(photo, recipe: recipe) { _ in try job.checkCancellation() }
        }
        let bytes = try timed("encode") {
            try recipe.file(of: picture, photo: photo, comment: recipe.canonical)
        }
        return JobResult(bytes: bytes, recipe: recipe, stages: stages, warnings: photo.warnings)
    }

    /// Decodes no more of the photo than the dream needs.
    private func decode(_ job: Job, with decoder: ImageDecoder, recipe: Recipe, info: ImageInfo) throws -> Photo {
        do {
            let options = recipe.decodingOptions(for: info) { job.isCancelled }
            return try decoder.photo(job.upload, options: options)
        } catch ImageError.cancelled {
            try job.checkCancellation()
            throw ImageError.cancelled
        }
    }

    private func dreamer(named name: String) throws -> Dreamer {
        if let dreamer = dreamers[name] { return dreamer }
        let dreamer = try Dreamer(model: catalog.entry(named: name).model, options: options)
        dreamers[name] = dreamer
        return dreamer
    }
}
