import DeepDream
import Imaging
import VisionNet

/// Decodes a job's photo, dreams, and encodes the dream.
package final class PhotoDreamer: JobProcessor {
    private let catalog: ModelCatalog
    private let options: ComputeOptions
    private let configuration: LiveConfiguration
    private let metrics: Metrics
    /// The dreamers by their models' names, made when first needed. They are kept because they reuse their memory.
    private var dreamers: [String: Dreamer] = [:]

    /// - Parameter options: pass the same to all workers, so that they share one team of threads.
    package init(
        catalog: ModelCatalog, configuration: LiveConfiguration, options: ComputeOptions, metrics: Metrics = Metrics()
    ) {
        self.catalog = catalog
        self.options = options
        self.configuration = configuration
        self.metrics = metrics
    }

    package func dream(_ job: Job) throws -> JobResult {
        let clock = ContinuousClock()
        var recipe = job.recipe
        let configuration = configuration.current
        let decoder = ImageDecoder(limits: ImageLimits(maximumPixels: configuration.maxPixels))
        let sizeLimit = SizeLimit(maximumPixels: configuration.maxOutputPixels)
        var stages: [(name: String, duration: Duration)] = []
        func timed<Value>(_ name: String, _ work: () throws -> Value) rethrows -> Value {
            let start = clock.now
            defer { stages.append((name, start.duration(to: clock.now))) }
            return try work()
        }

        let inputs = try timed("decode") {
            let hasPhoto = !job.upload.isEmpty || recipe.from == .photo
            let info = hasPhoto ? try decoder.inspect(job.upload) : nil
            if let info { try decoder.limits.check(width: info.width, height: info.height) }
            recipe.size = try sizeLimit.resolved(recipe, photo: info.map { ($0.width, $0.height) })
            return DreamInputs(
                photo: hasPhoto ? try decoder.decode(job.upload) : nil,
                mask: try job.mask.map { try decoder.decode($0) },
                guide: try job.guide.map { try decoder.decode($0) })
        }
        let picture = try timed("dream") {
            try dreamer(named: recipe.model).dream(inputs, recipe: recipe) { progress, picture in
                metrics.countStep()
                try job.checkCancellation()
                job.observer?(progress, picture)
            }
        }
        let bytes = try timed("encode") {
            try picture.encoded(as: recipe.format, quality: recipe.quality, comment: recipe.canonical)
        }
        return JobResult(bytes: bytes, recipe: recipe, stages: stages)
    }

    private func dreamer(named name: String) throws -> Dreamer {
        if let dreamer = dreamers[name] { return dreamer }
        let dreamer = try Dreamer(model: catalog.entry(named: name).model, options: options)
        dreamers[name] = dreamer
        return dreamer
    }
}
