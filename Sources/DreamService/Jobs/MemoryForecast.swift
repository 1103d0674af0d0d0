import DeepDream
import Imaging
import VisionNet

/// Predicts how much memory jobs take, and refuses those that could never have it, before they wait.
package struct MemoryForecast: Sendable {
    private let catalog: ModelCatalog
    private let options: ComputeOptions
    private let capacity: Int

    /// - Parameters:
    ///   - capacity: the memory of all requests, in bytes.
    ///   - backend: what the workers compute with.
    package init(catalog: ModelCatalog, capacity: Int, backend: Backend) {
        self.catalog = catalog
        self.capacity = capacity
        // How many threads there are does not matter to a plan's memory.
        options = ComputeOptions(backend: backend, threads: 1)
    }

    /// The memory of all uploads together, in bytes.
    package func uploadBytes(_ configuration: ServiceConfiguration) -> Int {
        min(configuration.maxUploadsBytes, uploadLimit(configuration))
    }

    /// The most that one job may take, in bytes: what is left when uploads take all that they may.
    package func jobLimit(_ configuration: ServiceConfiguration) -> Int { capacity - uploadLimit(configuration) }

    /// A quarter of the memory, but always enough for one of the largest uploads.
    private func uploadLimit(_ configuration: ServiceConfiguration) -> Int {
        min(capacity, max(capacity / 4, configuration.maxUploadBytes))
    }

    /// How many dreams of the default model and size can run at once.
    package func defaultDreams(_ configuration: ServiceConfiguration) -> Int {
        let side = Int(Double(configuration.maxOutputPixels).squareRoot())
        let size = configuration.defaultSize.resolved(forWidth: side, height: side)
        let bytes = bytes(catalog.defaultEntry.recommended, width: size.width, height: size.height)
        return jobLimit(configuration) / max(1, bytes ?? 1)
    }

    /// What a job reads its pictures with.
    private struct Files {
        let image, mask, guide: [UInt8]?
    }

    /// Checks that a request's dream can have the memory that it takes.
    ///
    /// - Returns: the memory; nil if a picture cannot be read, which its worker will say.
    /// - Throws: a `Problem` with the prediction, and the largest size that would fit.
    func check(_ request: DreamRequest, configuration: ServiceConfiguration) throws(Problem) -> Int? {
        let files = Files(image: request.image?.bytes, mask: request.mask?.bytes, guide: request.guide?.bytes)
        return try check(request.recipe, files, configuration)
    }

    /// Checks a dream of files by the names of their fields.
    func check(
        _ recipe: Recipe, files: [String: [UInt8]] = [:], configuration: ServiceConfiguration
    ) throws(Problem) -> Int? {
        let files = Files(image: files["image"], mask: files["mask"], guide: files["guide"])
        return try check(recipe, files, configuration)
    }

    private func check(_ recipe: Recipe, _ files: Files, _ configuration: ServiceConfiguration) throws(Problem) -> Int?
    {
        guard let bytes = bytes(recipe, files, configuration) else { return nil }
        let limit = jobLimit(configuration)
        guard bytes <= limit else {
            throw .tooMuchMemory(
                recipe.size, bytes: bytes, limit: limit, longestSide: longestSide(recipe, files, configuration))
        }
        return bytes
    }

    /// The memory of a dream of this size without a photo.
    package func bytes(_ recipe: Recipe, width: Int, height: Int) -> Int? {
        guard let model = try? catalog.entry(named: recipe.model).model else { return nil }
        return try? DreamMemory(
            recipe, model: model, width: width, height: height, pictures: .init(photo: nil), options: options
        ).total
    }

    /// The memory of an answer to what a network sees.
    ///
    /// - Returns: nil if the photo cannot be read, which its worker will say.
    /// - Throws: a `Problem` if it is more than there could be.
    func check(
        _ question: SightQuestion, of image: [UInt8], model: VisionModel, configuration: ServiceConfiguration
    ) throws(Problem) -> Int? {
        var decoding = DecodingOptions()
        guard let info = try? ImageDecoder().inspect(image) else { return nil }
        decoding.needed = OutputSize.longerSide(question.longerSide)
            .resolved(forWidth: info.width, height: info.height)
        guard let photo = try? ImageDecoder().memory(of: image, options: decoding),
            let bytes = try? DreamMemory(question, model: model, photo: photo, options: options).total
        else { return nil }
        let limit = jobLimit(configuration)
        guard bytes <= limit else {
            throw .tooMuchMemory(.longerSide(question.longerSide), bytes: bytes, limit: limit, longestSide: nil)
        }
        return bytes
    }

    private func bytes(_ recipe: Recipe, _ files: Files, _ configuration: ServiceConfiguration) -> Int? {
        let decoder = ImageDecoder(
            limits: ImageLimits(maximumPixels: configuration.maxPixels, maximumSide: configuration.maxSide))
        var photo: DecodingMemory?
        var size: (width: Int, height: Int)?
        if let image = files.image {
            guard let info = try? decoder.inspect(image),
                (try? decoder.limits.check(width: info.width, height: info.height)) != nil,
                let memory = try? decoder.memory(of: image, options: recipe.decodingOptions(for: info))
            else { return nil }
            (photo, size) = (memory, (info.width, info.height))
        }
        let limit = SizeLimit(maximumPixels: configuration.maxOutputPixels)
        guard let model = try? catalog.entry(named: recipe.model).model,
            case .exact(let width, let height) = try? limit.resolved(recipe, photo: size)
        else { return nil }
        let pictures = DreamMemory.Pictures(
            photo: photo, mask: files.mask.flatMap { try? decoder.memory(of: $0) },
            guide: files.guide.flatMap { try? decoder.memory(of: $0) })
        return try? DreamMemory(
            recipe, model: model, width: width, height: height, pictures: pictures, options: options
        ).total
    }

    /// The longer side of the largest dream of this shape that has enough memory; nil if there is none.
    private func longestSide(_ recipe: Recipe, _ files: Files, _ configuration: ServiceConfiguration) -> Int? {
        let photo = files.image.flatMap { try? ImageDecoder().inspect($0) }.map { ($0.width, $0.height) }
        let limit = jobLimit(configuration)
        return SizeLimit.longestSide(below: recipe.dreamSize(forPhoto: photo)) { width, height in
            var smaller = recipe
            smaller.size = .exact(width: width, height: height)
            return bytes(smaller, files, configuration).map { $0 <= limit } ?? false
        }
    }
}

extension Problem {
    /// - Parameters:
    ///   - bytes: how much memory the dream would take.
    ///   - limit: how much one may.
    ///   - longestSide: the longer side of the largest dream that has enough; nil if there is none.
    static func tooMuchMemory(_ size: OutputSize, bytes: Int, limit: Int, longestSide: Int?) -> Problem {
        func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
        let advice =
            longestSide.map { "the largest size that would fit is max:\($0)" }
            ?? "no size would fit, so send smaller pictures, or leave out fields such as detail=restore"
        return Problem(
            422, "too-expensive", title: "The dream would cost too much",
            detail: "the dream would take about \(megabytes(bytes)) of memory, but may take \(megabytes(limit)); "
                + advice,
            field: "size", value: size.text, allowed: longestSide.map { "at most max:\($0)" })
    }

    static func memoryFull(retryAfterSeconds seconds: Int) -> Problem {
        Problem(
            503, "memory-full", title: "The service is busy",
            detail: "other requests take the memory that this one needs; try again in \(seconds) seconds",
            headers: ["Retry-After": String(seconds)])
    }
}
