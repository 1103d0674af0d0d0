import DreamService
import Foundation
import Imaging
import TestSupport
import Testing

/// `/jobs`, over real sockets with curl.
@Suite("Jobs", .ownThread, .timeLimit(.minutes(10))) struct JobEndpointTests {
    private static let recipe = "layers=mixed2&size=max:90&octaves=1"

    private struct Job: Decodable {
        let id: String
        let state: String
        let progress: Double
        let queuePosition: Int?
        let recipe: String
        let error: Failure?

        struct Failure: Decodable {
            let type: String
            let status: Int
        }
    }

    private func job(_ answer: Answer) throws -> Job {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Job.self, from: Data(answer.body))
    }

    private func submit(_ service: TestService, _ options: String...) async throws -> Job {
        try await submit(service, recipe: "\(Self.recipe)&steps=1", TestFiles.photo(), options)
    }

    /// Submits a job that goes on for hours.
    private func submitEndless(_ service: TestService) async throws -> Job {
        try await submit(service, recipe: "octaves=12&steps=2000", TestFiles.photo(width: 512, height: 512))
    }

    private func submit(
        _ service: TestService, recipe: String, _ photo: [UInt8], _ options: [String] = []
    ) async throws -> Job {
        let arguments = ["-F", "image=@-;filename=cat.png"] + options + ["/jobs?\(recipe)"]
        let answer = try Answer(await service.start(arguments, input: photo).wait())
        #expect(answer.status == 202, "\(answer.text)")
        return try job(answer)
    }

    private func waitUntil(_ id: String, _ state: String, _ service: TestService) async throws -> Job {
        let deadline = WaitLimit.deadline
        while DispatchTime.now() < deadline {
            let job = try job(await service.curl("/jobs/\(id)"))
            if job.state == state { return job }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw WaitLimit.Exceeded("the state \(state) of the job \(id)")
    }

    /// Finds memory only for the jobs from a certain one on.
    private struct ScarceProcessor: JobProcessor {
        let tries = Tally()
        let firstWithMemory: Int

        func dream(_ job: DreamService.Job, afterStep: () -> Void) throws -> JobResult {
            tries.add()
            if tries.count < firstWithMemory { throw ScarceMemory(retryAfterSeconds: 1) }
            return JobResult(bytes: job.upload, recipe: job.recipe, stages: [])
        }
    }

    @Test("is tried again when there was no memory to begin it")
    func scarceMemory() async throws {
        let processor = ScarceProcessor(firstWithMemory: 3)
        try await TestService.run(makeProcessor: { processor }) { service in
            let submitted = try await submit(service)
            _ = try await waitUntil(submitted.id, "done", service)
            #expect(processor.tries.count == 3 && service.log.all.count { $0.contains("no memory yet") } == 2)
            let metrics = try await service.curl("/metrics")
            #expect(metrics.text.contains("deepdream_jobs_total{outcome=\"failed\"} 0"))
        }
    }

    @Test("fails if there is no memory until its deadline")
    func noMemory() async throws {
        let processor = ScarceProcessor(firstWithMemory: .max)
        try await TestService.run(configure: { $0.jobDeadlineSeconds = 1 }, makeProcessor: { processor }) { service in
            let submitted = try await submit(service)
            let failed = try await waitUntil(submitted.id, "failed", service)
            #expect(failed.error?.type == "urn:problem-type:deepdream:memory-full" && failed.error?.status == 503)
        }
    }

    /// The names of the events in a stream, in order, without neighbours that are the same.
    private func eventNames(_ text: String) -> [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { String($0.dropFirst(7)) }
            .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    @Test("gives the bytes that the route with the connection gives")
    func result() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-;filename=cat.png", "/jobs?\(Self.recipe)&steps=2", input: TestFiles.photo())
            #expect(answer.status == 202)
            let submitted = try job(answer)
            #expect(answer.headers["Location"] == "/jobs/\(submitted.id)")
            #expect(submitted.recipe.contains("steps=2&"))
            let done = try await waitUntil(submitted.id, "done", service)
            #expect(done.progress == 1 && done.recipe.contains("size=90x72&"))
            let result = try await service.curl("/jobs/\(submitted.id)/result")
            #expect(result.status == 200)
            #expect(result.headers["Content-Type"] == "image/jpeg")
            #expect(result.headers["Content-Disposition"] == "inline; filename=\"cat-dream.jpg\"")
            let direct = try await service.curl(
                "-F", "image=@-", "/deepdream?\(Self.recipe)&steps=2", input: TestFiles.photo())
            #expect(result.body == direct.body)
            #expect(result.headers["DeepDream-Recipe"] == direct.headers["DeepDream-Recipe"])
        }
    }

    @Test("is what a client gets that prefers an answer at once")
    func preference() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-", "-H", "Prefer: wait=5, Respond-Async", "/deepdream?\(Self.recipe)&steps=1",
                input: TestFiles.photo())
            #expect(answer.status == 202)
            #expect(answer.headers["Preference-Applied"] == "respond-async")
            _ = try await waitUntil(job(answer).id, "done", service)
        }
    }

    @Test("sends its progress, pictures of it and its end as events")
    func events() async throws {
        try await TestService.run { service in
            let submitted = try await submitEndless(service)
            // To standard error, whose lines can be waited for.
            let watching = try service.start(["-N", "-o", "/dev/stderr", "/jobs/\(submitted.id)/events"])
            let running = try await waitUntil(submitted.id, "running", service)
            #expect(running.queuePosition == nil)
            _ = try await watching.errorLines.first { $0.hasPrefix("event: preview") }
            #expect(try await service.curl("-X", "DELETE", "/jobs/\(submitted.id)").status == 200)
            let answer = try Answer(Array(await watching.wait().errors.utf8))
            #expect(answer.headers["Content-Type"] == "text/event-stream")
            #expect(answer.headers["X-Accel-Buffering"] == "no")
            let names = eventNames(answer.text)
            #expect(names.first == "progress" && names.last == "cancelled" && names.contains("preview"), "\(names)")
            let previews = answer.text.split(separator: "\n").filter { $0.hasPrefix("data: {\"image\"") }
            let url = try #require(previews.last?.split(separator: "\"").dropFirst(3).first)
            let jpeg = try #require(Data(base64Encoded: String(url.dropFirst("data:image/jpeg;base64,".count))))
            let info = try ImageDecoder().inspect([UInt8](jpeg))
            #expect(info.width == info.height && info.width <= 256)

            let again = try await service.curl("/jobs/\(submitted.id)/events")
            #expect(eventNames(again.text) == ["cancelled"])
            let resumed = try await service.curl("-H", "Last-Event-ID: end", "/jobs/\(submitted.id)/events")
            #expect(resumed.status == 204, "a browser's EventSource stops")
        }
    }

    @Test("tells how many jobs are before it, and can be cancelled while it waits or runs")
    func cancelling() async throws {
        try await TestService.run { service in
            let first = try await submitEndless(service)
            _ = try await waitUntil(first.id, "running", service)
            let second = try await submitEndless(service)
            let third = try await submit(service)
            #expect(third.queuePosition == 1)
            #expect(try await service.curl("/jobs/\(third.id)/result").status == 409)
            for id in [second.id, first.id] {
                #expect(try job(await service.curl("-X", "DELETE", "/jobs/\(id)")).state == "cancelled")
            }
            _ = try await waitUntil(third.id, "done", service)
            #expect(try await service.curl("/jobs/\(first.id)/result").status == 410)
            #expect(try job(await service.curl("-X", "DELETE", "/jobs/\(third.id)")).state == "done")
        }
    }

    @Test("is the same job for the same Idempotency-Key, and an error for another request with it")
    func idempotency() async throws {
        try await TestService.run { service in
            let first = try await submit(service, "-H", "Idempotency-Key: a b")
            let again = try await submit(service, "-H", "Idempotency-Key: a b")
            #expect(again.id == first.id)
            let other = try await service.curl(
                "-F", "image=@-", "-H", "Idempotency-Key: a b", "/jobs?\(Self.recipe)&steps=2",
                input: TestFiles.photo())
            #expect(other.status == 422)
            #expect(other.json["type"]?.hasSuffix(":idempotency-key-reused") == true)
        }
    }

    @Test("refuses what can never be dreamt at once, and reports what fails later")
    func failures() async throws {
        let whole = try TestFiles.photo()
        try await TestService.run { service in
            let noPicture = try await service.curl("-F", "image=@-", "/jobs", input: Array("hello".utf8))
            #expect(noPicture.status == 415)
            #expect(try await service.curl("-F", "image=@-", "/jobs?steps=x", input: whole).status == 400)
            let half = try await service.curl(
                "-F", "image=@-", "/jobs?\(Self.recipe)&steps=1", input: Array(whole.prefix(whole.count / 2)))
            let failed = try await waitUntil(job(half).id, "failed", service)
            #expect(failed.error?.status == 415)
            let result = try await service.curl("/jobs/\(failed.id)/result")
            #expect(result.status == 415 && result.json["type"] == failed.error?.type)
            for path in ["/jobs/x", "/jobs/\(String(repeating: "0", count: 32))", "/jobs/x/result", "/jobs/x/events"] {
                let answer = try await service.curl(path)
                #expect(answer.status == 404 && answer.json["type"]?.hasSuffix(":no-job") == true, "\(path)")
            }
            #expect(try await service.curl("-X", "PUT", "/jobs/x").headers["Allow"] == "DELETE, GET, HEAD")
        }
    }

    @Test("of a service that stops waits for the next start")
    func shutdown() async throws {
        try await TestFiles.withDirectory { directory in
            var id = ""
            try await TestService.run(configure: { $0.dataDirectory = directory.path }) { service in
                let long = try await submit(
                    service, recipe: "octaves=1&steps=40&size=original", TestFiles.photo(width: 240, height: 180))
                _ = try await waitUntil(long.id, "running", service)
                id = long.id
            }
            try await TestService.run(configure: { $0.dataDirectory = directory.path }) { [id] service in
                let done = try await waitUntil(id, "done", service)
                #expect(done.progress == 1)
            }
        }
    }
}
