import Glibc
import Synchronization

/// Counts what the service does, for monitoring. Everything counts from the start of the service.
package final class Metrics: Sendable {
    /// The ways in which a job can end.
    private enum JobOutcome: String, CaseIterable {
        case done
        case failed
        case clientLeft = "client-left"
        case deadlinePassed = "deadline-passed"
        case shuttingDown = "shutting-down"

        init(_ outcome: Result<JobResult, any Error>) {
            switch outcome {
            case .success: self = .done
            case .failure(let error):
                switch error as? JobCancellation {
                case .clientLeft: self = .clientLeft
                case .deadlinePassed: self = .deadlinePassed
                case .shuttingDown: self = .shuttingDown
                case nil: self = .failed
                }
            }
        }
    }

    private struct RequestKind: Hashable {
        let route, method, status: String
    }

    private struct State {
        var requests: [RequestKind: Int] = [:]
        var requestSeconds: [String: Histogram] = [:]
        /// The problems that alerts ask for are there from the start: an alert does not see a metric's first value as
        /// growth.
        var problems = [
            "deadline-passed": 0, "internal-error": 0, "memory-full": 0, "queue-full": 0, "queue-late": 0,
            "shutting-down": 0, "store-full": 0, "too-many-connections": 0, "uploads-full": 0,
        ]
        var jobs: [JobOutcome: Int] = [:]
        var queueSeconds = Histogram()
        var computingSeconds = Histogram()
    }

    /// The state of the service at the moment of a scrape.
    package struct Snapshot: Sendable {
        package let catalog: ModelCatalog
        package let isReady: Bool
        package let queue: JobQueue.Counts
        package let queueCapacity: Int
        package let workers: Int
        package let uploadBytes: Int
        package let maximumUploadBytes: Int
        /// How long the jobs that wait and run will probably compute, in seconds.
        package var backlogSeconds = 0.0
        /// How much of the memory for requests is taken, and how much there is.
        package var memoryBytes = 0
        package var memoryCapacity = 0
        /// The measured speeds, in operations per second.
        package var speeds: [(kind: JobCost.Kind, operationsPerSecond: Double)] = []

        package init(
            catalog: ModelCatalog, isReady: Bool, queue: JobQueue.Counts, queueCapacity: Int, workers: Int,
            uploadBytes: Int, maximumUploadBytes: Int
        ) {
            self.catalog = catalog
            self.isReady = isReady
            self.queue = queue
            self.queueCapacity = queueCapacity
            self.workers = workers
            self.uploadBytes = uploadBytes
            self.maximumUploadBytes = maximumUploadBytes
        }
    }

    private let state = Mutex(State())
    private let steps = Atomic(0)
    private let repeats = Atomic(0)
    /// When the service started, in seconds since 1970.
    private let started = Double(time(nil))
    private let droppedLogLines: @Sendable () -> Int

    /// - Parameter droppedLogLines: how many lines of the log were dropped.
    package init(droppedLogLines: @escaping @Sendable () -> Int = { 0 }) {
        self.droppedLogLines = droppedLogLines
    }

    /// Counts a request that has ended.
    ///
    /// - Parameters:
    ///   - route: the path of the route that answered it; nil if there is none. Never a path from a client, which could
    ///     make any number of metrics.
    ///   - status: nil if the client left before its answer was sent.
    ///   - problem: the kind of problem that was the answer.
    package func countRequest(route: String?, method: String, status: Int?, problem: String?, duration: Duration) {
        let route = route ?? "other"
        let method = Self.methods.contains(method) ? method : "other"
        let kind = RequestKind(route: route, method: method, status: status.map(String.init) ?? "none")
        state.withLock { state in
            state.requests[kind, default: 0] += 1
            state.requestSeconds[route, default: Histogram()].count(duration)
            if let problem { state.problems[problem, default: 0] += 1 }
        }
    }

    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// Counts a job that has ended.
    package func countJob(_ report: Job.Report) {
        state.withLock { state in
            state.jobs[JobOutcome(report.outcome), default: 0] += 1
            state.queueSeconds.count(report.queued)
            // A job that was cancelled while it waited has not computed.
            if report.computing > .zero { state.computingSeconds.count(report.computing) }
        }
    }

    /// Counts a gradient step.
    package func countStep() {
        steps.add(1, ordering: .relaxed)
    }

    /// Counts a dream that was answered from memory.
    package func countRepeat() {
        repeats.add(1, ordering: .relaxed)
    }

    /// All metrics in Prometheus' format. The names are part of the service's interface: docs/operations.md.
    package func text(_ snapshot: Snapshot) -> String {
        let state = state.withLock { $0 }
        var text = PrometheusText()
        addState(snapshot, to: &text)
        addRequests(state, to: &text)
        addJobs(state, to: &text)
        addProcess(to: &text)
        return text.text
    }

    private func addState(_ snapshot: Snapshot, to text: inout PrometheusText) {
        text.add("deepdream_build_info", .gauge, "The program's version.", [(["version": Version.current], 1)])
        text.add(
            "deepdream_model_info", .gauge, "The loaded models.",
            snapshot.catalog.entries.map { entry in
                let isDefault = entry.name == snapshot.catalog.defaultEntry.name
                return (
                    ["model": entry.name, "network": entry.model.network.name, "default": "\(isDefault)"], 1
                )
            })
        text.add(
            "deepdream_ready", .gauge, "1 while jobs are accepted, 0 while full, stuck or draining.",
            snapshot.isReady ? 1 : 0)
        text.add(
            "deepdream_queue_waiting", .gauge, "Jobs that wait for a worker, stored ones too.",
            Double(snapshot.queue.waiting))
        text.add(
            "deepdream_queue_capacity", .gauge, "How many jobs can wait whose clients do.",
            Double(snapshot.queueCapacity))
        text.add(
            "deepdream_jobs_running", .gauge, "Jobs that workers have, also resting stored ones.",
            Double(snapshot.queue.running))
        text.add(
            "deepdream_backlog_seconds", .gauge, "How long the jobs whose clients wait will probably compute.",
            snapshot.backlogSeconds)
        text.add(
            "deepdream_operations_per_second", .gauge, "The measured speed, in the operations that costs are told in.",
            snapshot.speeds.map { kind, speed in (["model": kind.model, "precision": kind.precision], speed) }
                .sorted { Array($0.0).map(\.value).lexicographicallyPrecedes(Array($1.0).map(\.value)) })
        text.add("deepdream_workers", .gauge, "How many jobs can run at once.", Double(snapshot.workers))
        text.add("deepdream_upload_bytes", .gauge, "Memory set aside for uploads.", Double(snapshot.uploadBytes))
        text.add(
            "deepdream_upload_bytes_limit", .gauge, "How much can be set aside for uploads.",
            Double(snapshot.maximumUploadBytes))
        text.add(
            "deepdream_memory_bytes", .gauge, "Memory that requests and caches take, as it is counted.",
            Double(snapshot.memoryBytes))
        text.add(
            "deepdream_memory_bytes_limit", .gauge, "How much requests and caches can take.",
            Double(snapshot.memoryCapacity))
    }

    private func addRequests(_ state: State, to text: inout PrometheusText) {
        text.add(
            "deepdream_http_requests_total", .counter,
            "Requests that have ended; the status is none if the client left before its answer.",
            state.requests.map { kind, count in
                (["route": kind.route, "method": kind.method, "status": kind.status], Double(count))
            }.sorted { Array($0.0).map(\.value).lexicographicallyPrecedes(Array($1.0).map(\.value)) })
        text.add(
            "deepdream_http_request_duration_seconds", "Time from a request's head to the end of its answer.",
            state.requestSeconds.sorted { $0.key < $1.key }.map { (["route": $0.key], $0.value) })
        text.add(
            "deepdream_problems_total", .counter, "Answers that refuse a request or report a failure.",
            state.problems.sorted { $0.key < $1.key }.map { (["problem": $0.key], Double($0.value)) })
    }

    private func addJobs(_ state: State, to text: inout PrometheusText) {
        text.add(
            "deepdream_jobs_total", .counter, "Jobs that have ended.",
            JobOutcome.allCases.map { (["outcome": $0.rawValue], Double(state.jobs[$0] ?? 0)) })
        text.add(
            "deepdream_repeated_dreams_total", .counter, "Dreams that were answered from memory, without a job.",
            Double(repeats.load(ordering: .relaxed)))
        text.add("deepdream_job_queue_seconds", "Time that jobs waited for a worker.", state.queueSeconds)
        text.add(
            "deepdream_job_computing_seconds", "Time that workers spent on jobs.", state.computingSeconds)
        text.add(
            "deepdream_steps_total", .counter, "Gradient steps that were computed.",
            Double(steps.load(ordering: .relaxed)))
    }

    private func addProcess(to text: inout PrometheusText) {
        text.add(
            "deepdream_log_lines_dropped_total", .counter, "Lines of the log that were dropped as nobody read them.",
            Double(droppedLogLines()))
        let usage = ProcessUsage()
        if let bytes = usage.residentBytes {
            text.add("process_resident_memory_bytes", .gauge, "Memory in use.", Double(bytes))
        }
        text.add("process_cpu_seconds_total", .counter, "Computing time of all threads.", usage.processorSeconds)
        if let count = usage.openDescriptors {
            text.add("process_open_fds", .gauge, "Open file descriptors.", Double(count))
        }
        text.add(
            "process_max_fds", .gauge, "How many file descriptors can be open.", Double(usage.maximumDescriptors))
        text.add("process_start_time_seconds", .gauge, "When the service started, in seconds since 1970.", started)
    }
}
