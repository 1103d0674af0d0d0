import DeepDream
import Dispatch
import HTTPServer
import Imaging
import Logging

/// `POST /activations`: what a network sees in a photo.
final class SightEndpoints: Sendable {
    private let queue: JobQueue
    private let catalog: ModelCatalog
    private let configuration: LiveConfiguration
    private let metrics: Metrics
    private let memory: MemoryForecast
    private let logger: Logger

    init(
        queue: JobQueue, catalog: ModelCatalog, configuration: LiveConfiguration, metrics: Metrics,
        memory: MemoryForecast,
        logger: Logger
    ) {
        self.queue = queue
        self.catalog = catalog
        self.configuration = configuration
        self.metrics = metrics
        self.memory = memory
        self.logger = logger
    }

    /// Submits the job that answers a request.
    func see(_ request: Request, _ exchange: any Exchange) {
        // Not on the HTTP thread: a large photo in base64 takes a while to decode.
        DispatchQueue.global().async { self.submit(request, exchange) }
    }

    private func submit(_ request: Request, _ exchange: any Exchange) {
        let id = request.head.id
        do throws(Problem) {
            let form = try SightRequest(request, catalog: catalog)
            let configuration = configuration.current
            let memory = try memory.check(
                form.task.question, of: form.image.bytes, model: form.entry.model, configuration: configuration)
            let job = Job(
                id: id, upload: form.image.bytes, recipe: form.entry.recommended, sight: form.task,
                cost: cost(of: form), memory: memory ?? 0,
                timeLimit: .seconds(configuration.deadlineSeconds), reservation: request.reservation
            ) { [self] report in
                exchange.respond(response(to: id, form, report))
            }
            do {
                try queue.submit(job)
            } catch {
                throw Problem(error)
            }
            exchange.onDisconnect { [queue] in queue.cancel(job, .clientLeft) }
        } catch {
            exchange.respond(error.response(to: id))
        }
    }

    /// What the answer will cost; nil if the photo cannot be read. The worker says why. It is too little to refuse it.
    private func cost(of form: SightRequest) -> JobCost? {
        guard let info = try? ImageDecoder().inspect(form.image.bytes) else { return nil }
        return JobCost(
            form.task.question, model: form.entry.model, named: form.entry.name, photo: (info.width, info.height))
    }

    /// Logs the end of a job and makes the response to its request.
    private func response(to id: String, _ form: SightRequest, _ report: Job.Report) -> Response {
        metrics.countJob(report)
        var metadata: Logger.Metadata = [
            "request": "\(id)", "queue_ms": .stringConvertible(report.queued.milliseconds),
            "computing_ms": .stringConvertible(report.computing.milliseconds), "model": "\(form.entry.name)",
            "layer": "\(form.task.question.layer ?? "")",
        ]
        switch report.outcome {
        case .success(let result):
            logger.info("seen", metadata: metadata)
            let timings = [(name: "queue", duration: report.queued)] + result.stages
            return Response(
                status: 200,
                headers: [
                    "Content-Type": form.task.answer == .sheet ? "image/png" : "application/json",
                    "Cache-Control": "no-store", "Vary": "Accept",
                    "Server-Timing": timings.map { "\($0.name);dur=\($0.duration.milliseconds)" }
                        .joined(separator: ", "),
                ], body: result.bytes
            ).keeping(result.memory).identified(by: id)
        case .failure(let error):
            let problem = Problem(error, deadlineSeconds: configuration.current.deadlineSeconds)
            metadata["problem"] = "\(problem.kind)"
            metadata["reason"] = "\(problem.cause ?? problem.detail)"
            logger.log(level: problem.status == 500 ? .error : .info, "not seen", metadata: metadata)
            return problem.response(to: id)
        }
    }
}

/// The contents of a `POST /activations` request.
struct SightRequest {
    /// The uploaded photo, which is not checked yet.
    let image: UploadedFile
    let entry: ModelCatalog.Entry
    let task: SightTask

    /// - Throws: a `Problem` for the first field that is wrong.
    init(_ request: Request, catalog: ModelCatalog) throws(Problem) {
        let fields = try RequestFields(request, .sight)
        let answer = try AnswerType.wanted(
            accept: request.head.headers.values(of: "Accept"), format: nil, of: [.json, .picture(.png)])
        let question: SightQuestion
        do {
            (entry, question) = try Self.question(of: fields.texts, catalog: catalog)
        } catch {
            throw Problem(error, files: RequestVocabulary.sight.files)
        }
        guard let image = fields.files["image"] else { throw .noImage }
        self.image = image
        task = SightTask(question: question, answer: answer == .json ? .document : .sheet)
    }
    private static func question(
        of texts: [(name: String, value: String)], catalog: ModelCatalog
    ) throws(RecipeError) -> (ModelCatalog.Entry, SightQuestion) {
        let models = texts.filter { $0.name == "model" }
        guard models.count < 2 else { throw .repeatedField(name: "model") }
        let entry = try models.isEmpty ? catalog.defaultEntry : catalog.entry(named: models[0].value)
        var question = SightQuestion()
        try question.apply(texts.filter { $0.name != "model" })
        _ = try question.layer(of: entry.model)
        return (entry, question)
    }
}
