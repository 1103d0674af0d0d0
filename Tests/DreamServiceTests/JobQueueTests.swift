import DeepDream
import Dispatch
import DreamService
import TestSupport
import Testing

@Suite(.ownThread) struct JobQueueTests {
    /// The jobs that have ended, in order, as lines "NAME OUTCOME".
    private let ends = Lines()
    private let gate = GatedProcessor.Gate()
    private let clock = ManualClock()

    private func job(_ name: String) -> Job {
        Job(id: name, upload: Array(name.utf8), recipe: .plain(model: "")) { [ends] report in
            switch report.outcome {
            case .success(let dream): ends.append("\(name) \(String(decoding: dream.bytes, as: UTF8.self))")
            case .failure(let error): ends.append("\(name) \(error)")
            }
        }
    }

    private func start(capacity: Int, workers: Int = 1) -> (JobQueue, WorkerPool) {
        let queue = JobQueue(capacity: capacity, workers: workers) { [clock] in clock.now }
        return (queue, WorkerPool(queue: queue) { [gate] in GatedProcessor(gate: gate) })
    }

    @Test("jobs are done in the order of their arrival")
    func order() async throws {
        let (queue, pool) = start(capacity: 3)
        for name in ["a", "b", "c"] { try queue.submit(job(name)) }
        await gate.finish(queue, pool, jobs: 3)
        #expect(ends.all == ["a a", "b b", "c c"])
        #expect(queue.counts == JobQueue.Counts(done: 3))
    }

    @Test("as many jobs run at once as there are workers, and the rest wait")
    func workers() async throws {
        let (queue, pool) = start(capacity: 3, workers: 2)
        for name in ["a", "b", "c"] { try queue.submit(job(name)) }
        try await gate.started.reaches(2)
        #expect(queue.counts == JobQueue.Counts(waiting: 1, running: 2))
        await gate.finish(queue, pool, jobs: 3)
        #expect(queue.counts == JobQueue.Counts(done: 3))
    }

    @Test("a full queue refuses jobs and says when to try again")
    func full() async throws {
        let (queue, pool) = start(capacity: 1)
        try queue.submit(job("a"))
        try await gate.started.reaches(1)
        try queue.submit(job("b"))
        // Two jobs of which nothing is known, each assumed to take 10 s.
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 20)) { try queue.submit(job("c")) }
        #expect(queue.counts == JobQueue.Counts(waiting: 1, running: 1, refused: 1))
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 20)) { try queue.checkPlace() }
        #expect(queue.counts.refused == 2, "a refusal before the upload is counted, too")
        await gate.finish(queue, pool, jobs: 2)
        #expect(ends.all == ["a a", "b b"])
    }

    @Test("with a capacity of 0, a free worker still takes a job")
    func noWaiting() async throws {
        let (queue, pool) = start(capacity: 0)
        try queue.submit(job("a"))
        #expect(throws: JobQueue.Refusal.self) { try queue.submit(job("b")) }
        await gate.finish(queue, pool, jobs: 1)
        #expect(ends.all == ["a a"])
    }

    @Test("a job of which nothing is known is taken to last as long as others did, the last ones above all")
    func retryAfter() async throws {
        let (queue, pool) = start(capacity: 0)
        func finishJob(_ name: String, number: Int, after seconds: Double) async throws {
            try queue.submit(job(name))
            try await gate.started.reaches(number)
            clock.advance(by: .seconds(seconds))
            gate.open()
            _ = try #require(try await ends.first { $0 == "\(name) \(name)" })
        }
        try await finishJob("a", number: 1, after: 6.5)
        #expect(queue.secondsUntilPlace == 1, "no job waits or runs")
        // 0.7 · 6.5 s + 0.3 · 1 s = 4.85 s
        try await finishJob("b", number: 2, after: 1)
        try queue.submit(job("c"))
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 5)) { try queue.submit(job("d")) }
        await gate.finish(queue, pool, jobs: 1)
    }

    private static let kind = JobCost.Kind(model: "m", precision: "full")

    /// A job of so many operations.
    private func job(_ name: String, operations: Double, timeLimit: Duration? = nil) -> Job {
        Job(
            id: name, upload: Array(name.utf8), recipe: .plain(model: ""),
            cost: JobCost(kind: Self.kind, operations: operations), timeLimit: timeLimit
        ) { [ends] in ends.append("\(name) \((try? $0.outcome.get()) == nil ? "cancelled" : "done")") }
    }

    @Test("the time to try again is the predicted work of all jobs by the measured speed")
    func backlog() async throws {
        let (queue, pool) = start(capacity: 2)
        queue.throughput.measure(20, of: Self.kind, seconds: 2)
        try queue.submit(job("a", operations: 70))
        try await gate.started.reaches(1)
        try queue.submit(job("b", operations: 200))
        try queue.submit(job("c", operations: 31))
        // 301 operations, 10 in a second.
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 31)) { try queue.checkPlace() }
        await gate.finish(queue, pool, jobs: 3)
    }

    @Test("a job that would pass its deadline behind others is refused; alone it is not")
    func late() async throws {
        let (queue, pool) = start(capacity: 9)
        queue.throughput.measure(20, of: Self.kind, seconds: 2)
        try queue.submit(job("a", operations: 1000, timeLimit: .seconds(90)))
        try await gate.started.reaches(1)
        // 100 s for a, 50 s for b: of the 120 s that b has, 30 s are missing.
        let b = job("b", operations: 500, timeLimit: .seconds(120))
        // A moment has passed since b was made, so it is a little more.
        #expect(throws: JobQueue.Refusal.late(retryAfterSeconds: 31)) { try queue.submit(b) }
        try queue.submit(job("c", operations: 10, timeLimit: .seconds(120)))
        await gate.finish(queue, pool, jobs: 2)
        #expect(ends.all == ["a done", "c done"])
    }

    /// A job that nobody waits for.
    private func storedJob(_ name: String, memory: Int = 0, timeLimit: Duration? = nil) -> Job {
        Job(
            id: name, upload: Array(name.utf8), recipe: .plain(model: ""), memory: memory, timeLimit: timeLimit,
            clientWaits: false
        ) { [ends] in ends.append("\(name) \((try? $0.outcome.get()) == nil ? "cancelled" : "done")") }
    }

    /// Does jobs in steps, each when the test lets it.
    private struct SteppingProcessor: JobProcessor {
        let steps: Int
        let gate: GatedProcessor.Gate
        let done: Lines

        func dream(_ job: Job, afterStep: () -> Void) throws -> JobResult {
            for step in 1...steps {
                gate.pass()
                try job.checkCancellation()
                done.append("\(job.id)\(step)")
                job.noteStep(Double(step) / Double(steps))
                afterStep()
            }
            return JobResult(bytes: job.upload, recipe: job.recipe, stages: [])
        }
    }

    @Test("nothing keeps a job that has ended")
    func release() async throws {
        let (queue, pool) = start(capacity: 3)
        var jobs: [Job]? = [job("a", operations: 1), storedJob("s")]
        let isGone = (jobs ?? []).map { job in { [weak job] in job == nil } }
        for job in jobs ?? [] { try queue.submit(job) }
        await gate.finish(queue, pool, jobs: 2)
        #expect(ends.all.count == 2)
        jobs = nil
        #expect(isGone.allSatisfy { $0() })
    }

    @Test("a job whose client waits goes before stored ones that wait")
    func clientsFirst() async throws {
        let (queue, pool) = start(capacity: 9)
        try queue.submit(job("a"))
        try await gate.started.reaches(1)
        for job in [storedJob("s"), job("b"), storedJob("t"), job("c")] { try queue.submit(job) }
        await gate.finish(queue, pool, jobs: 5)
        #expect(ends.all == ["a a", "b b", "c c", "s done", "t done"])
    }

    @Test("a stored job lets jobs go first between its steps, and goes on afterwards")
    func rest() async throws {
        let queue = JobQueue(capacity: 9, workers: 1)
        let done = Lines()
        let pool = WorkerPool(queue: queue) { [gate] in SteppingProcessor(steps: 2, gate: gate, done: done) }
        try queue.submit(storedJob("s"))
        try await gate.started.reaches(1)
        try queue.submit(job("a"))
        try queue.submit(storedJob("t"))
        try queue.submit(job("b"))
        #expect(queue.counts == JobQueue.Counts(waiting: 3, running: 1))
        gate.open()
        try await gate.started.reaches(2)
        #expect(queue.counts == JobQueue.Counts(waiting: 2, running: 2))
        await gate.finish(queue, pool, jobs: 7)
        #expect(done.all == ["s1", "a1", "a2", "b1", "b2", "s2", "t1", "t2"])
        #expect(ends.all == ["a a", "b b", "s done", "t done"])
        #expect(queue.counts == JobQueue.Counts(done: 4))
    }

    @Test("the time in which a stored job waits or lets others go first does not count for its deadline")
    func deadlineOfStored() async throws {
        let queue = JobQueue(capacity: 9, workers: 1)
        let done = Lines()
        let pool = WorkerPool(queue: queue) { [gate] in SteppingProcessor(steps: 2, gate: gate, done: done) }
        // Longer than a test that computes nothing takes, also on a busy machine.
        let limit = Duration.seconds(4)
        try queue.submit(job("a"))
        try await gate.started.reaches(1)
        try queue.submit(storedJob("s", timeLimit: limit))
        try await Task.sleep(for: limit)
        gate.open(for: 2)
        try await gate.started.reaches(3)
        // Now s does its first step.
        try queue.submit(job("b"))
        gate.open()
        try await gate.started.reaches(4)
        // Now it lets b go first.
        try await Task.sleep(for: limit)
        gate.open(for: 2)
        try await gate.started.reaches(6)
        #expect(ends.all == ["a a", "b b"] && done.all == ["a1", "a2", "s1", "b1", "b2"])
        // Now it does its second step, in the middle of which its time is over.
        try await Task.sleep(for: limit * 2)
        await gate.finish(queue, pool, jobs: 1)
        #expect(ends.all == ["a a", "b b", "s cancelled"])
    }

    @Test("a stored job that lets others go first is not stuck, and takes nothing of the machine")
    func resting() async throws {
        let queue = JobQueue(capacity: 9, workers: 1)
        let pool = WorkerPool(queue: queue) { [gate] in SteppingProcessor(steps: 2, gate: gate, done: Lines()) }
        try queue.submit(storedJob("s"))
        try await gate.started.reaches(1)
        try queue.submit(job("a"))
        gate.open()
        try await gate.started.reaches(2)
        try await Task.sleep(for: .milliseconds(100))
        let begin = ContinuousClock.now
        gate.open()
        try await gate.started.reaches(3)
        let longest = try #require(queue.longestStepSeconds)
        #expect(longest <= begin.duration(to: .now) / .seconds(1))
        await gate.finish(queue, pool, jobs: 2)
    }

    @Test("a second stored job begins only if it leaves as much memory as it takes to those whose clients wait")
    func memoryOfStored() async throws {
        let queue = JobQueue(capacity: 9, workers: 3, memory: MemoryBudget(capacity: 100))
        let pool = WorkerPool(queue: queue) { [gate] in GatedProcessor(gate: gate) }
        try queue.submit(storedJob("s", memory: 40))
        try await gate.started.reaches(1)
        try queue.submit(storedJob("t", memory: 40))
        try await Task.sleep(for: .milliseconds(50))
        #expect(queue.counts == JobQueue.Counts(waiting: 1, running: 1))
        gate.open()
        try await gate.started.reaches(2)
        await gate.finish(queue, pool, jobs: 1)
        #expect(Set(ends.all) == ["s done", "t done"])
    }

    @Test("stored jobs make no job late, and take no place")
    func storedBacklog() async throws {
        let (queue, pool) = start(capacity: 1, workers: 2)
        queue.throughput.measure(20, of: Self.kind, seconds: 2)
        for name in ["s", "t", "u"] { try queue.submit(storedJob(name)) }
        try await gate.started.reaches(2)
        #expect(queue.backlogSeconds == 0 && !queue.isFull)
        for name in ["a", "b", "c"] { try queue.submit(job(name, operations: 100, timeLimit: .seconds(60))) }
        #expect(queue.isFull)
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 30)) { try queue.checkPlace() }
        await gate.finish(queue, pool, jobs: 6)
        #expect(ends.all.count == 6)
    }

    @Test("jobs are cancelled at their deadlines, in whatever order they came")
    func deadlines() async throws {
        let (queue, pool) = start(capacity: 9)
        try queue.submit(job("a", operations: 1))
        try await gate.started.reaches(1)
        try queue.submit(job("b", operations: 1, timeLimit: .milliseconds(300)))
        try queue.submit(job("c", operations: 1, timeLimit: .milliseconds(50)))
        try queue.submit(job("d", operations: 1, timeLimit: .seconds(300)))
        _ = try #require(try await ends.first { $0 == "b cancelled" })
        #expect(ends.all == ["c cancelled", "b cancelled"])
        await gate.finish(queue, pool, jobs: 2)
        #expect(ends.all == ["c cancelled", "b cancelled", "a done", "d done"])
    }

    @Test("the time since a running job's last step is known")
    func stuck() async throws {
        let (queue, pool) = start(capacity: 1)
        #expect(queue.longestStepSeconds == nil)
        let slow = job("a")
        try queue.submit(slow)
        try await gate.started.reaches(1)
        try await Task.sleep(for: .milliseconds(50))
        #expect(try #require(queue.longestStepSeconds) >= 0.05)
        let before = try #require(queue.longestStepSeconds)
        slow.noteStep(0.5)
        #expect(try #require(queue.longestStepSeconds) < before)
        await gate.finish(queue, pool, jobs: 1)
        #expect(queue.longestStepSeconds == nil)
    }

    @Test("a waiting job that is cancelled ends at once and makes room")
    func cancelWaiting() async throws {
        let (queue, pool) = start(capacity: 1)
        try queue.submit(job("a"))
        try await gate.started.reaches(1)
        let waiting = job("b")
        try queue.submit(waiting)
        queue.cancel(waiting, .clientLeft)
        #expect(ends.all == ["b clientLeft"])
        queue.cancel(waiting, .deadlinePassed)
        try queue.submit(job("c"))
        await gate.finish(queue, pool, jobs: 2)
        #expect(ends.all == ["b clientLeft", "a a", "c c"])
        #expect(queue.counts == JobQueue.Counts(done: 2, cancelled: 1))
    }

    @Test("a running job that is cancelled ends before its next step, with the first reason")
    func cancelRunning() async throws {
        let (queue, pool) = start(capacity: 1)
        let running = job("a")
        try queue.submit(running)
        try await gate.started.reaches(1)
        queue.cancel(running, .deadlinePassed)
        queue.cancel(running, .clientLeft)
        #expect(ends.all == [])
        await gate.finish(queue, pool, jobs: 1)
        #expect(ends.all == ["a deadlinePassed"])
        #expect(queue.counts == JobQueue.Counts(cancelled: 1))
    }

    @Test("a closed queue refuses jobs, but accepted jobs are done")
    func close() async throws {
        let (queue, pool) = start(capacity: 2)
        try queue.submit(job("a"))
        try queue.submit(job("b"))
        queue.close()
        #expect(throws: JobQueue.Refusal.closed) { try queue.submit(job("c")) }
        #expect(!queue.drain(within: .seconds(0)))
        await gate.finish(queue, pool, jobs: 2)
        #expect(queue.drain(within: .seconds(0)))
        #expect(ends.all == ["a a", "b b"])
    }

    @Test("running jobs can be abandoned, and what their workers then report does not count")
    func abandon() async throws {
        let (queue, pool) = start(capacity: 1)
        try queue.submit(job("a"))
        try await gate.started.reaches(1)
        queue.abandonRunning(.shuttingDown)
        #expect(ends.all == ["a shuttingDown"])
        #expect(queue.drain(within: .seconds(0)))
        await gate.finish(queue, pool, jobs: 1)
        #expect(ends.all == ["a shuttingDown"])
        #expect(queue.counts == JobQueue.Counts(cancelled: 1))
    }

    @Test("all waiting and running jobs can be cancelled")
    func cancelAll() async throws {
        let (queue, pool) = start(capacity: 2)
        for name in ["a", "b", "c"] { try queue.submit(job(name)) }
        try await gate.started.reaches(1)
        queue.cancelAll(.shuttingDown)
        await gate.finish(queue, pool, jobs: 1)
        #expect(ends.all == ["b shuttingDown", "c shuttingDown", "a shuttingDown"])
    }
}
