import DeepDream
import Imaging
import VisionNet

/// Decodes a job's photo, dreams or asks what the network sees, and encodes the answer.
package final class PhotoDreamer: JobProcessor {
    private let catalog: ModelCatalog
    private let options: ComputeOptions
    private let configuration: LiveConfiguration
    private let metrics: Metrics
    /// The dreamer of the last job, and its model's name. It is kept because it reuses its memory.
    private var last: (name: String, dreamer: Dreamer)?

    /// - Parameter options: pass the same to all workers, so that they share one team of threads.
    package init(
        catalog: ModelCatalog, configuration: LiveConfiguration, options: ComputeOptions, metrics: Metrics = Metrics()
    ) {
        self.catalog = catalog
        self.options = options
        self.configuration = configuration
        self.metrics = metrics
    }

    package func dream(_ job: Job, afterStep: () -> Void) throws -> JobResult {
        do {
            if let sight = job.sight { return try see(job, sight) }
            return try makeDream(job, afterStep)
        } catch {
            // Whatever ended, ended because of that.
            try job.checkCancellation()
            throw error
        }
    }

    private func makeDream(_ job: Job, _ afterStep: () -> Void) throws -> JobResult {
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

        let (photo, inputs) = try timed("decode") {
            let hasPhoto = !job.upload.isEmpty || recipe.from == .photo
            let info = hasPhoto ? try decoder.inspect(job.upload) : nil
            if let info { try decoder.limits.check(width: info.width, height: info.height) }
            recipe.size = try sizeLimit.resolved(recipe, photo: info.map { ($0.width, $0.height) })
            let photo = try info.map { info in
                try decoder.photo(
                    job.upload, options: recipe.decodingOptions(for: info) { job.isCancelled })
            }
            var options = DecodingOptions()
            options.isCancelled = { job.isCancelled }
            let inputs = DreamInputs(
                mask: try job.mask.map { try decoder.photo($0, options: options).image },
                guide: try job.guide.map { try decoder.photo($0, options: options).image })
            return (photo, inputs)
        }
        let picture = try timed("dream") {
            try dreamer(named: recipe.model).dream(
                photo, with: inputs, recipe: recipe, isCancelled: { job.isCancelled }
            ) { progress, picture in
                metrics.countStep()
                // Before an octave's first step, the plan is made, and at a new size the weights are packed.
                job.noteStep(progress.fraction, isTypical: !progress.isFirstOfOctave)
                try job.checkCancellation()
                job.observer?(progress, picture)
                afterStep()
            }
        }
        let bytes = try timed("encode") {
            let record = DreamRecord(
                recipe: recipe, model: try dreamer(named: recipe.model).model, program: Version.program)
            return try recipe.file(of: picture, photo: photo, record: record) { job.isCancelled }
        }
        return JobResult(bytes: bytes, recipe: recipe, stages: stages, warnings: photo?.warnings ?? [])
    }

    private func see(_ job: Job, _ task: SightTask) throws -> JobResult {
        let clock = ContinuousClock()
        let start = clock.now
        let configuration = configuration.current
        let limits = ImageLimits(maximumPixels: configuration.maxPixels, maximumSide: configuration.maxSide)
        var options = DecodingOptions()
        let decoder = ImageDecoder(limits: limits)
        let info = try decoder.inspect(job.upload)
        try limits.check(width: info.width, height: info.height)
        options.needed = OutputSize.longerSide(task.question.longerSide)
            .resolved(forWidth: info.width, height: info.height)
        options.isCancelled = { job.isCancelled }
        let photo = try decoder.photo(job.upload, options: options)
        let decoded = clock.now
        let sight = try dreamer(named: job.recipe.model).see(photo.image, task.question) { job.isCancelled }
        let seen = clock.now
        let bytes =
            switch task.answer {
            case .document: JSON.bytes(of: SightDocument(sight, model: job.recipe.model))
            case .sheet:
                try sight.sheet(of: photo.image) { job.isCancelled }.encoded(as: .png) { job.isCancelled }
            }
        return JobResult(
            bytes: bytes, recipe: job.recipe,
            stages: [
                ("decode", start.duration(to: decoded)), ("see", decoded.duration(to: seen)),
                ("encode", seen.duration(to: clock.now)),
            ], warnings: photo.warnings)
    }

    private func dreamer(named name: String) throws -> Dreamer {
        if let last, last.name == name { return last.dreamer }
        last = nil
        let dreamer = try Dreamer(model: catalog.entry(named: name).model, options: options)
        last = (name, dreamer)
        return dreamer
    }
}
