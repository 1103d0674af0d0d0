import DeepDream
import Dispatch
import DreamService
import TestSupport
import Testing

@Suite(.ownThread) struct JobQueueTests {
    /// What became of jobs, as lines "name outcome" in the order of their ends.
    private let ends = Lines()
    private let gate = GatedProcessor.Gate()

    private func job(_ name: String) -> Job {
        Job(id: name, upload: Array(name.utf8), recipe: .plain(model: "")) { [ends] report in
            switch report.outcome {
            case .success(let dream): ends.append("\(name) \(String(decoding: dream.bytes, as: UTF8.self))")
            case .failure(let error): ends.append("\(name) \(error)")
            }
        }
    }

    private func start(capacity: Int, workers: Int = 1) -> (JobQueue, WorkerPool) {
        let queue = JobQueue(capacity: capacity, workers: workers)
        return (queue, WorkerPool(queue: queue) { [gate] in GatedProcessor(gate: gate) })
    }

    private func finish(_ queue: JobQueue, _ pool: WorkerPool, jobs: Int = 0) async {
        gate.open(for: jobs)
        queue.close()
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                pool.join()
                continuation.resume()
            }
        }
    }

    @Test("jobs are dreamt in the order of their arrival")
    func order() async throws {
        let (queue, pool) = start(capacity: 3)
        for name in ["a", "b", "c"] { try queue.submit(job(name)) }
        await finish(queue, pool, jobs: 3)
        #expect(ends.all == ["a a", "b b", "c c"])
        #expect(queue.counts == JobQueue.Counts(done: 3))
    }

    @Test("as many jobs run at once as there are workers, and the rest wait")
    func workers() async throws {
        let (queue, pool) = start(capacity: 3, workers: 2)
        for name in ["a", "b", "c"] { try queue.submit(job(name)) }
        await gate.started.reaches(2)
        #expect(queue.counts == JobQueue.Counts(waiting: 1, running: 2))
        await finish(queue, pool, jobs: 3)
        #expect(queue.counts == JobQueue.Counts(done: 3))
    }

    @Test("a full queue refuses and says when to come back")
    func full() async throws {
        let (queue, pool) = start(capacity: 1)
        try queue.submit(job("a"))
        await gate.started.reaches(1)
        try queue.submit(job("b"))
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 10)) { try queue.submit(job("c")) }
        #expect(queue.counts == JobQueue.Counts(waiting: 1, running: 1, refused: 1))
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 10)) { try queue.checkPlace() }
        #expect(queue.counts.refused == 2, "a refusal before the upload is one too")
        await finish(queue, pool, jobs: 2)
        #expect(ends.all == ["a a", "b b"])
    }

    @Test("without room to wait, a free worker still takes a job")
    func noWaiting() async throws {
        let (queue, pool) = start(capacity: 0)
        try queue.submit(job("a"))
        #expect(throws: JobQueue.Refusal.self) { try queue.submit(job("b")) }
        await finish(queue, pool, jobs: 1)
        #expect(ends.all == ["a a"])
    }

    @Test("once jobs have ended, the time to come back follows from theirs")
    func retryAfter() async throws {
        let (queue, pool) = start(capacity: 0)
        try queue.submit(job("a"))
        gate.open()
        _ = await ends.first { $0 == "a a" }
        try queue.submit(job("b"))
        await gate.started.reaches(2)
        #expect(throws: JobQueue.Refusal.full(retryAfterSeconds: 1)) { try queue.submit(job("c")) }
        await finish(queue, pool, jobs: 1)
    }

    @Test("a job cancelled while it waits ends at once and makes room")
    func cancelWaiting() async throws {
        let (queue, pool) = start(capacity: 1)
        try queue.submit(job("a"))
        await gate.started.reaches(1)
        let waiting = job("b")
        try queue.submit(waiting)
        queue.cancel(waiting, .clientLeft)
        #expect(ends.all == ["b clientLeft"])
        queue.cancel(waiting, .deadlinePassed)
        try queue.submit(job("c"))
        await finish(queue, pool, jobs: 2)
        #expect(ends.all == ["b clientLeft", "a a", "c c"])
        #expect(queue.counts == JobQueue.Counts(done: 2, cancelled: 1))
    }

    @Test("a job cancelled while it runs ends at its next step, with the first reason")
    func cancelRunning() async throws {
        let (queue, pool) = start(capacity: 1)
        let running = job("a")
        try queue.submit(running)
        await gate.started.reaches(1)
        queue.cancel(running, .deadlinePassed)
        queue.cancel(running, .clientLeft)
        #expect(ends.all == [])
        await finish(queue, pool, jobs: 1)
        #expect(ends.all == ["a deadlinePassed"])
        #expect(queue.counts == JobQueue.Counts(cancelled: 1))
    }

    @Test("a closed queue refuses, and ends what it had accepted")
    func close() async throws {
        let (queue, pool) = start(capacity: 2)
        try queue.submit(job("a"))
        try queue.submit(job("b"))
        queue.close()
        #expect(throws: JobQueue.Refusal.closed) { try queue.submit(job("c")) }
        #expect(!queue.drain(within: .seconds(0)))
        await finish(queue, pool, jobs: 2)
        #expect(queue.drain(within: .seconds(0)))
        #expect(ends.all == ["a a", "b b"])
    }

    @Test("all jobs can be cancelled, waiting and running")
    func cancelAll() async throws {
        let (queue, pool) = start(capacity: 2)
        for name in ["a", "b", "c"] { try queue.submit(job(name)) }
        await gate.started.reaches(1)
        queue.cancelAll(.shuttingDown)
        await finish(queue, pool, jobs: 1)
        #expect(ends.all == ["b shuttingDown", "c shuttingDown", "a shuttingDown"])
    }
}
