import DeepDream
import Dispatch
import DreamService
import Foundation
import TestSupport
import Testing
import VisionNet

/// Weights whose values nobody reads.
private struct AnyWeights: WeightSource {
    func contains(_ tensor: String) -> Bool { true }
    func check(_ tensor: String, shape: [Int]) {}
    func tensor(named tensor: String, shape: [Int]) -> [Float] { Array(repeating: 0, count: shape.reduce(1, *)) }
}

/// What jobs will cost, and which are refused for it.
@Suite("Forecast of jobs", .ownThread, .timeLimit(.minutes(10))) struct JobForecastTests {
    @Test("the operations of VGG16 are those of its layers, counted by hand")
    func operations() throws {
        let model = try VisionModel(name: "vgg", network: .vgg16, weights: AnyWeights())
        // conv1_1: 3 to 64 channels, conv1_2: 64 to 64, 3x3, at 32x32; forward and backward.
        let first = 2.0 * 32 * 32 * 9 * 3 * 64
        let second = 2.0 * 32 * 32 * 9 * 64 * 64
        let normalization = 2.0 * 32 * 32 * 3
        let counted = model.operations(ofLayers: ["relu1_2"], width: 32, height: 32)
        #expect(counted == 2 * (normalization + first + second))
    }

    @Test("twice the pixels or twice the steps cost twice as much")
    func proportions() throws {
        let model = try VisionModel.embedded()
        var recipe = try Recipe.recommended(for: model)
        recipe.octaves = 1
        recipe.steps = 10
        let cost = recipe.operations(in: model, width: 1024, height: 1024)
        #expect(abs(recipe.operations(in: model, width: 2048, height: 1024) / cost - 2) < 0.05)
        recipe.steps = 20
        #expect(recipe.operations(in: model, width: 1024, height: 1024) == 2 * cost)
        recipe.octaves = 2
        #expect(recipe.operations(in: model, width: 1024, height: 1024) > 2 * cost)
    }

    @Test("what a network sees costs the forward pass up to the layer, or up to the classes, at the size it looks at")
    func sight() throws {
        let model = try VisionModel(name: "vgg", network: .vgg16, weights: AnyWeights())
        var question = SightQuestion()
        (question.layer, question.longerSide) = ("relu1_2", 256)
        let layers = Set(["relu1_2"] + (model.classifier.map { [$0.layer.name] } ?? []))
        let cost = question.operations(in: model, photoWidth: 512, height: 256)
        #expect(cost == model.operations(ofLayers: layers, width: 256, height: 128) / 2)
        #expect(question.operations(in: model, photoWidth: 2048, height: 1024) == cost)
        question.longerSide = 512
        #expect(abs(question.operations(in: model, photoWidth: 512, height: 256) / cost - 4) < 0.2)
    }

    @Test("what uploads may take is not for jobs, also when the configuration changes")
    func border() throws {
        let model = try VisionModel.embedded()
        let forecast = MemoryForecast(
            catalog: try ModelCatalog(default: try .init(name: model.name, model: model)), capacity: 400_000_000,
            backend: .fastest)
        var configuration = ServiceConfiguration()
        (configuration.maxUploadBytes, configuration.maxUploadsBytes) = (20_000_000, 1_000_000_000)
        #expect(forecast.uploadBytes(configuration) == 100_000_000 && forecast.jobLimit(configuration) == 300_000_000)
        configuration.maxUploadBytes = 250_000_000
        #expect(forecast.uploadBytes(configuration) == 250_000_000 && forecast.jobLimit(configuration) == 150_000_000)
        configuration.maxUploadsBytes = 250_000_000
        #expect(forecast.uploadBytes(configuration) == 250_000_000)
    }

    @Test("a speed is that of the last seconds above all, and unknown after a moment")
    func throughput() throws {
        let kind = JobCost.Kind(model: "a", precision: "full")
        let throughput = Throughput()
        throughput.measure(1, of: kind, seconds: 0.1)
        #expect(throughput.seconds(for: JobCost(kind: kind, operations: 10)) == nil)
        for _ in 0..<100 { throughput.measure(1, of: kind, seconds: 1) }
        for _ in 0..<300 { throughput.measure(2, of: kind, seconds: 1) }
        let seconds = try #require(throughput.seconds(for: JobCost(kind: kind, operations: 10)))
        #expect(abs(seconds - 5) < 0.01)
        let other = JobCost.Kind(model: "b", precision: "full")
        #expect(throughput.seconds(for: JobCost(kind: other, operations: 10)) == nil)
    }

    @Test("a model that was not measured is taken to be at most four times as fast as those that were")
    func unknownSpeed() {
        let throughput = Throughput()
        let cost = JobCost(kind: .init(model: "new", precision: "full"), operations: 1000)
        #expect(throughput.leastSeconds(for: cost) == nil)
        throughput.measure(10, of: .init(model: "slow", precision: "full"), seconds: 1)
        throughput.measure(50, of: .init(model: "fast", precision: "full"), seconds: 1)
        #expect(throughput.leastSeconds(for: cost) == 5)
        throughput.measure(20, of: cost.kind, seconds: 1)
        #expect(throughput.leastSeconds(for: cost) == 50)
    }

    @Test("until something was measured, a first speed is known, which is not that of a model")
    func firstSpeed() throws {
        let throughput = Throughput(firstSpeed: 10)
        let cost = JobCost(kind: .init(model: "a", precision: "full"), operations: 1000)
        #expect(throughput.leastSeconds(for: cost) == 25)
        #expect(throughput.seconds(for: cost) == nil && throughput.speeds.isEmpty)
        #expect(try SelfCheck.run(ComputeOptions(backend: .fastest, threads: 2)) > 1e8)
    }

    @Test("a job ends when those have ended that share the machine with it for so long")
    func ends() {
        // Alone.
        #expect(Backlog(workers: 2).secondsUntilEnd(of: 5) == 5)
        // On a free worker, beside a long one.
        #expect(Backlog(workers: 2, running: [100]).secondsUntilEnd(of: 5) == 10)
        // Beside a short one.
        #expect(Backlog(workers: 2, running: [2]).secondsUntilEnd(of: 5) == 7)
        // Behind it, with one worker.
        #expect(Backlog(workers: 1, running: [100]).secondsUntilEnd(of: 5) == 105)
        // 3 and 10 share 6 s until the first ends; then 4 and the rest of 7 share 8 s, then 5 and 3 share 6 s and 2 s.
        #expect(Backlog(workers: 2, running: [3, 10], waiting: [4]).secondsUntilEnd(of: 5) == 22)
        // Beside a stored job, which goes on on the free worker.
        #expect(Backlog(workers: 2, others: 1).secondsUntilEnd(of: 5) == 10)
        #expect(Backlog(workers: 1, running: [4], others: 1).secondsUntilEnd(of: 5) == 9)
    }

    /// Takes a step that is not typical, then one that is.
    private struct UnevenProcessor: JobProcessor {
        func dream(_ job: Job, afterStep: () -> Void) throws -> JobResult {
            Thread.sleep(forTimeInterval: 2.4)
            job.noteStep(0.5, isTypical: false)
            Thread.sleep(forTimeInterval: 0.6)
            job.noteStep(1)
            return JobResult(bytes: [], recipe: job.recipe, stages: [])
        }
    }

    @Test("the time in which plans are made and weights are packed does not count as speed")
    func preparation() throws {
        let queue = JobQueue(capacity: 1, workers: 1)
        let pool = WorkerPool(queue: queue) { UnevenProcessor() }
        let cost = JobCost(kind: JobCost.Kind(model: "a", precision: "full"), operations: 100)
        try queue.submit(Job(id: "a", upload: [], recipe: .plain(model: "a"), cost: cost) { _ in })
        queue.close()
        #expect(pool.join(within: .seconds(60)))
        // Half of the operations in 0.6 s, or a little more; with the first half it would be 100 in 3 s.
        let speed = try #require(queue.throughput.speeds.first?.operationsPerSecond)
        #expect(speed > 40 && speed <= 50 / 0.6)
    }

    @Test("a dream that would pass its deadline is refused, with the largest size that would not")
    func tooExpensive() async throws {
        let photo = try TestFiles.photo(width: 512, height: 512)
        let configure = { (configuration: inout ServiceConfiguration) in
            (configuration.deadlineSeconds, configuration.jobDeadlineSeconds) = (5, 604_800)
        }
        try await TestService.run(configure: configure) { service in
            // Until a speed is known, nothing is refused. On a slow machine that takes more than one dream.
            let deadline = WaitLimit.deadline
            var isSpeedKnown = false
            while !isSpeedKnown && DispatchTime.now() < deadline {
                let first = try await service.curl(
                    "-F", "image=@-", "/deepdream?size=max:96&octaves=1&steps=2000", input: photo)
                #expect(first.status == 504 || first.status == 200, "\(first.text)")
                let metrics = try await service.curl("/metrics").text
                isSpeedKnown = metrics.contains("deepdream_operations_per_second{model=")
            }
            #expect(isSpeedKnown)
            // On a slow machine, 200 steps may not even fit for the smallest picture.
            var (steps, largest): (Int, Int?) = (200, nil)
            while largest == nil && steps > 0 {
                let begin = ContinuousClock.now
                let second = try await service.curl(
                    "-F", "image=@-", "/deepdream?size=1024x1024&octaves=1&steps=\(steps)", input: photo)
                #expect(second.status == 422, "\(second.text)")
                #expect(begin.duration(to: .now) < .seconds(4), "refused before any computing")
                #expect(second.json["type"] == "urn:problem-type:deepdream:too-expensive")
                #expect(second.json["value"] == "1024x1024")
                let detail = try #require(second.json["detail"])
                #expect(detail.contains("but may take 5"))
                largest = detail.firstMatch(of: /max:(\d+)/).flatMap { Int($0.1) }
                if largest == nil {
                    #expect(detail.contains("no size would fit"))
                    let smallest = try await service.curl(
                        "-F", "image=@-", "/deepdream?size=max:8&octaves=1&steps=\(steps)", input: photo)
                    #expect(smallest.status == 422, "\(smallest.text)")
                }
                steps /= 2
            }
            let side = try #require(largest)
            #expect(side < 1024 && side.isMultiple(of: 8))
            let stored = try await service.curl(
                "-F", "image=@-", "/jobs?size=1024x1024&octaves=1&steps=200", input: photo)
            #expect(stored.status == 202, "stored jobs have a deadline of their own")
        }
    }
}
