import DeepDream
import Dispatch
import HTTPServer
import Logging
import Synchronization

/// `GET /models/{model}/layers/{layer}/channels/{channel}`: the picture of what a channel looks for.
///
/// It is dreamt by a worker when it is first asked for, and kept on the disk. Clients that ask for the same picture
/// meanwhile wait for the same job.
final class ChannelEndpoints: Sendable {
    private let queue: JobQueue
    private let catalog: ModelCatalog
    private let configuration: LiveConfiguration
    private let metrics: Metrics
    private let memory: MemoryForecast
    private let logger: Logger
    private let files: PictureFiles
    private let computation: String
    /// The clients that wait for a picture, by its name.
    private let waiting = Mutex<[String: [@Sendable (Job.Report) -> Void]]>([:])

    /// - Parameters:
    ///   - files: where pictures are kept.
    ///   - computation: identifies what computes (`ServiceConfiguration.computeIdentity`).
    init(
        queue: JobQueue, catalog: ModelCatalog, configuration: LiveConfiguration, files: PictureFiles,
        computation: String, metrics: Metrics, memory: MemoryForecast, logger: Logger
    ) {
        self.queue = queue
        self.catalog = catalog
        self.configuration = configuration
        self.files = files
        self.computation = computation
        self.metrics = metrics
        self.memory = memory
        self.logger = logger
    }

    /// Takes over the limits of the configuration, which has changed.
    func applyConfiguration() {
        let bytes = configuration.current.channelCacheBytes
        DispatchQueue.global().async { self.files.setCapacity(bytes) }
    }

    /// Takes a place for a job of the client.
    typealias TakePlace = @Sendable () throws(Problem) -> ClientPlaces.Place

    /// - Parameters:
    ///   - names: the parameters of the path.
    ///   - takePlace: called if the picture has to be dreamt.
    func picture(
        _ names: [String: String], _ request: Request, _ exchange: any Exchange, takePlace: @escaping TakePlace
    ) {
        // Not on the HTTP thread: the disk may take a while.
        DispatchQueue.global().async { self.answer(names, request, exchange, takePlace) }
    }

    private func answer(
        _ names: [String: String], _ request: Request, _ exchange: any Exchange, _ takePlace: TakePlace
    ) {
        let id = request.head.id
        do throws(Problem) {
            let (recipe, identity) = try recipe(names)
            let tag = identity.entityTag(of: .picture(recipe.format))
            if EntityTags(request.head.headers.values(of: "If-None-Match")).contains(tag) {
                return exchange.respond(.notModified(tag: tag).identified(by: id))
            }
            if let bytes = files.picture(named: identity.digest) {
                return exchange.respond(Self.response(bytes, recipe, tag: tag).identified(by: id))
            }
            dream(recipe, identity, id: id, takePlace) { [configuration] report in
                switch report.outcome {
                case .success(let result):
                    exchange.respond(Self.response(result.bytes, recipe, tag: tag).identified(by: id))
                case .failure(let error):
                    let problem = Problem(error, deadlineSeconds: configuration.current.deadlineSeconds)
                    exchange.respond(problem.response(to: id))
                }
            }
        } catch {
            exchange.respond(error.response(to: id))
        }
    }

    /// The recipe of the picture that a path names.
    private func recipe(_ names: [String: String]) throws(Problem) -> (Recipe, DreamIdentity) {
        func part(_ name: String) -> String { names[name] ?? "" }
        do throws(RecipeError) {
            let entry = try catalog.entry(named: part("model"))
            var question = SightQuestion()
            question.layer = part("layer")
            let layer = try question.layer(of: entry.model)
            guard let channel = Int(part("channel")), 0..<layer.channels ~= channel else {
                throw RecipeError.invalidValue(
                    field: "channel", value: part("channel"),
                    allowed: "a whole number from 0 to \(layer.channels - 1)")
            }
            let recipe = try Recipe.picture(
                ofChannel: channel, layer: layer.name, in: entry.model, named: entry.name)
            return (
                recipe, DreamIdentity(files: [:], recipe: recipe, weights: entry.weights, computation: computation)
            )
        } catch {
            throw .noChannel(error)
        }
    }

    /// Has a picture dreamt, unless that is under way already.
    private func dream(
        _ recipe: Recipe, _ identity: DreamIdentity, id: String, _ takePlace: TakePlace,
        _ completion: @escaping @Sendable (Job.Report) -> Void
    ) {
        let name = identity.digest
        let isFirst = waiting.withLock { waiting in
            waiting[name, default: []].append(completion)
            return waiting[name]?.count == 1
        }
        guard isFirst else { return logger.debug("channel awaited", metadata: ["request": "\(id)"]) }
        do throws(Problem) {
            try submit(recipe, named: name, id: id, place: try takePlace())
        } catch {
            // Others who wait for it by now are told the same.
            finish(name, Job.Report(outcome: .failure(error), queued: .zero, computing: .zero))
        }
    }

    private func submit(
        _ recipe: Recipe, named name: String, id: String, place: ClientPlaces.Place
    ) throws(Problem) {
        let model = try? catalog.entry(named: recipe.model).model
        // It is not cancelled when its client leaves: the next one may want it, and it is small.
        let job = Job(
            id: id, upload: [], recipe: recipe,
            cost: model.map { JobCost(recipe, model: $0, size: recipe.dreamSize(forPhoto: nil)) },
            memory: try memory.check(recipe, configuration: configuration.current) ?? 0,
            timeLimit: .seconds(configuration.current.deadlineSeconds), reservation: place
        ) { [self] report in
            metrics.countJob(report)
            if case .success(let result) = report.outcome { files.keep(result.bytes, named: name) }
            logger.info(
                "channel",
                metadata: [
                    "request": "\(id)", "recipe": "\(recipe.canonical)",
                    "computing_ms": .stringConvertible(report.computing.milliseconds),
                ])
            finish(name, report)
        }
        do {
            try queue.submit(job)
        } catch {
            throw Problem(error)
        }
    }

    private func finish(_ name: String, _ report: Job.Report) {
        for completion in waiting.withLock({ $0.removeValue(forKey: name) }) ?? [] { completion(report) }
    }

    private static func response(_ bytes: [UInt8], _ recipe: Recipe, tag: String) -> Response {
        Response(
            status: 200,
            headers: [
                "Content-Type": recipe.format.mediaType, "ETag": tag,
                // The picture of a name changes only with the model and the program.
                "Cache-Control": "private, max-age=3600", "DeepDream-Recipe": recipe.canonical,
            ], body: bytes)
    }
}

extension Problem {
    /// A path names a model, layer or channel that there is not.
    fileprivate static func noChannel(_ error: RecipeError) -> Problem {
        var problem = Problem(error)
        (problem.status, problem.kind, problem.title) = (404, "no-channel", "There is no such channel")
        return problem
    }
}
