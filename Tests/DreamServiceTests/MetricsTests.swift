import DeepDream
import DreamService
import Dispatch
import Foundation
import TestSupport
import Testing
import VisionNet

/// `GET /metrics`, and the format of its text.
@Suite(.ownThread) struct MetricsTests {
    /// The value of a metric; nil if there is none with this name and these labels.
    private func value(_ metric: String, in text: String) -> Double? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(metric + " ") }
        return line.flatMap { Double($0.dropFirst(metric.count + 1)) }
    }

    /// Scrapes until a metric has this value.
    private func metrics(of service: TestService, until metric: String, is wanted: Double) async throws -> String {
        let deadline = WaitLimit.deadline
        while DispatchTime.now() < deadline {
            let text = try await service.curl("/metrics").text
            if value(metric, in: text) == wanted { return text }
        }
        throw WaitLimit.Exceeded("\(metric) \(wanted)")
    }

    @Test("a dream is counted, with the time in the queue apart from the time of computing")
    func dream() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(configure: { $0.queueLength = 3 }, makeProcessor: { GatedProcessor(gate: gate) }) {
            service in
            let clients = try (0..<2).map { _ in
                try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            }
            try await gate.started.reaches(1)
            _ = try await metrics(of: service, until: "deepdream_queue_waiting", is: 1)
            let answer = try await service.curl("/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            let during = answer.text
            #expect(value("deepdream_queue_waiting", in: during) == 1)
            #expect(value("deepdream_queue_capacity", in: during) == 3)
            #expect(value("deepdream_jobs_running", in: during) == 1)
            #expect(value("deepdream_workers", in: during) == 1)
            #expect(value("deepdream_ready", in: during) == 1)
            #expect(try #require(value("deepdream_upload_bytes", in: during)) > 0)
            #expect(value("deepdream_jobs_total{outcome=\"done\"}", in: during) == 0)
            // The second job waits at least this long, the first computes at least as long.
            try await Task.sleep(for: .milliseconds(300))
            gate.open()
            try await gate.started.reaches(2)
            gate.open()
            for client in clients { _ = await client.wait() }

            // curl has the answer a moment before the server has noticed that it was sent.
            let metric = "deepdream_http_requests_total{route=\"/deepdream\",method=\"POST\",status=\"200\"}"
            let after = try await metrics(of: service, until: metric, is: 2)
            #expect(value("deepdream_jobs_total{outcome=\"done\"}", in: after) == 2)
            #expect(value("deepdream_job_queue_seconds_count", in: after) == 2)
            #expect(value("deepdream_job_computing_seconds_count", in: after) == 2)
            // The second job waited while the first one computed.
            #expect(try #require(value("deepdream_job_queue_seconds_bucket{le=\"0.25\"}", in: after)) <= 1)
            #expect(try #require(value("deepdream_job_queue_seconds_sum", in: after)) >= 0.3)
            #expect(try #require(value("deepdream_job_computing_seconds_bucket{le=\"0.25\"}", in: after)) <= 1)
            #expect(try #require(value("deepdream_job_computing_seconds_sum", in: after)) >= 0.3)
            #expect(try #require(value("process_resident_memory_bytes", in: after)) > 1_000_000)
            #expect(try #require(value("process_open_fds", in: after)) > 3)
            let start = try #require(value("process_start_time_seconds", in: after))
            #expect((0...600).contains(Date().timeIntervalSince1970 - start))
        }
    }

    @Test("steps are counted")
    func steps() async throws {
        let metrics = Metrics()
        let model = try ModelCatalog.embeddedAlone()
        let configuration = LiveConfiguration(ServiceConfiguration())
        let processor = PhotoDreamer(
            catalog: model, configuration: configuration, options: ServiceConfiguration().computeOptions(),
            metrics: metrics)
        var recipe = model.defaultEntry.recommended
        try recipe.apply([("octaves", "1"), ("steps", "3"), ("layers", "mixed0")])
        _ = try processor.dream(Job(id: "a", upload: TestFiles.photo(), recipe: recipe) { _ in }) {}
        #expect(value("deepdream_steps_total", in: metrics.text(.idle(model))) == 3)
    }

    @Test("refused requests are counted by their problem, and cancelled jobs by their reason")
    func refusals() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(configure: { $0.queueLength = 0 }, makeProcessor: { GatedProcessor(gate: gate) }) {
            service in
            let first = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            try await gate.started.reaches(1)
            #expect(try await service.curl("-F", "image=@-", "/deepdream", input: TestFiles.photo()).status == 503)
            #expect(try await service.curl("-X", "PROPFIND", "/secret/path").status == 404)
            first.send(SIGKILL)
            _ = await first.wait()
            _ = try #require(try await service.log.first { $0.contains("client left") })
            gate.open()
            let left = "deepdream_jobs_total{outcome=\"client-left\"}"
            let text = try await metrics(of: service, until: left, is: 1)
            #expect(value("deepdream_problems_total{problem=\"queue-full\"}", in: text) == 1)
            #expect(value("deepdream_problems_total{problem=\"not-found\"}", in: text) == 1)
            // A client cannot make up labels.
            #expect(
                value("deepdream_http_requests_total{route=\"other\",method=\"other\",status=\"404\"}", in: text) == 1)
            #expect(!text.contains("secret") && !text.contains("PROPFIND"))
        }
    }

    @Test("lines of the log that were dropped are counted")
    func droppedLogLines() throws {
        let text = try Metrics(droppedLogLines: { 3 }).text(.idle(.embeddedAlone()))
        #expect(value("deepdream_log_lines_dropped_total", in: text) == 3)
    }

    @Test("a draining service is not ready")
    func draining() throws {
        let text = try Metrics().text(.idle(.embeddedAlone(), isReady: false))
        #expect(value("deepdream_ready", in: text) == 0)
    }

    @Test("buckets count all durations up to their bounds, and the last one counts all")
    func histogram() {
        var histogram = Histogram()
        for seconds in [0.005, 0.0051, 1, 1000] { histogram.count(.seconds(seconds)) }
        let counts = Dictionary(uniqueKeysWithValues: histogram.cumulative.map { ($0.bound, $0.count) })
        #expect(counts[0.005] == 1 && counts[0.01] == 2 && counts[0.5] == 2 && counts[1] == 3)
        #expect(counts[300] == 3 && counts[.infinity] == 4)
        #expect(histogram.count == 4)
        #expect(abs(histogram.sum - 1001.0101) < 1e-9)
    }

    @Test("the text is in Prometheus' format")
    func format() {
        var histogram = Histogram()
        histogram.count(.seconds(2))
        var text = PrometheusText()
        let counts: [(PrometheusText.Labels, Double)] = [
            (["x": "quote \" slash \\ line\n", "y": "ä"], 3), (["x": ""], 0.25),
        ]
        let times: [(PrometheusText.Labels, Histogram)] = [(["route": "/"], histogram)]
        text.add("a_total", .counter, "Counts.", counts)
        text.add("h_seconds", "Times.", times)
        let lines = text.text.split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(5) == [
                "# HELP a_total Counts.", "# TYPE a_total counter",
                #"a_total{x="quote \" slash \\ line\n",y="ä"} 3"#, #"a_total{x=""} 0.25"#, "# HELP h_seconds Times.",
            ])
        #expect(lines.contains(#"h_seconds_bucket{route="/",le="1"} 0"#))
        #expect(lines.contains(#"h_seconds_bucket{route="/",le="2.5"} 1"#))
        #expect(
            lines.suffix(3) == [
                #"h_seconds_bucket{route="/",le="+Inf"} 1"#, #"h_seconds_sum{route="/"} 2"#,
                #"h_seconds_count{route="/"} 1"#,
            ])
    }

    /// The names of all metrics.
    private func names() throws -> Set<String> {
        let lines = try Metrics().text(.idle(.embeddedAlone())).split(separator: "\n")
        return Set(lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })
    }

    private func text(of path: String) throws -> String {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("the operators' guide names every metric")
    func documented() throws {
        let guide = try text(of: "docs/operations.md")
        let names = try names()
        #expect(names.count > 10)
        for name in names { #expect(guide.contains("`\(name)"), "\(name)") }
    }

    @Test(
        "alerts and dashboard ask for metrics that there are",
        arguments: ["Config/prometheus-alerts.yaml", "Config/grafana-dashboard.json"])
    func configuration(path: String) throws {
        let names = try names()
        let used = try text(of: path).matches(of: /\b(deepdream|process)_[a-z_]+/).map { String($0.output.0) }
        #expect(used.count > 5)
        for name in used {
            let base = name.replacing(/_(bucket|sum|count)$/, with: "")
            #expect(names.contains(name) || names.contains(base), "\(name)")
        }
    }
}

extension ModelCatalog {
    fileprivate static func embeddedAlone() throws -> ModelCatalog {
        let model = try VisionModel.embedded()
        return try ModelCatalog(default: try .init(name: model.name, model: model))
    }
}

extension Metrics.Snapshot {
    fileprivate static func idle(_ catalog: ModelCatalog, isReady: Bool = true) -> Self {
        Self(
            catalog: catalog, isReady: isReady, queue: .init(), queueCapacity: 16, workers: 1, uploadBytes: 0,
            maximumUploadBytes: 1)
    }
}
