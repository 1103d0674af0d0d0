import Dispatch
import Synchronization

/// A bounded first-in-first-out queue between requests and workers, and the record of what became of its jobs.
package final class JobQueue: Sendable {
    /// Why a job was not accepted.
    package enum Refusal: Error, Equatable, Sendable {
        /// As many jobs wait as may; a place should be free after this many seconds.
        case full(retryAfterSeconds: Int)
        case closed
    }

    /// How many jobs are where, and what became of the others.
    package struct Counts: Equatable, Sendable {
        package var waiting = 0
        package var running = 0
        package var done = 0
        package var cancelled = 0
        package var failed = 0
        package var refused = 0

        package init(
            waiting: Int = 0, running: Int = 0, done: Int = 0, cancelled: Int = 0, failed: Int = 0, refused: Int = 0
        ) {
            self.waiting = waiting
            self.running = running
            self.done = done
            self.cancelled = cancelled
            self.failed = failed
            self.refused = refused
        }
    }

    private struct State {
        var waiting: [Job] = []
        var running: [Job] = []
        var isClosed = false
        var counts = Counts()
        /// The mean computing time of finished jobs, the recent ones counting most; nil before the first.
        var typicalSeconds: Double?
    }

    /// How many jobs may wait.
    package let capacity: Int
    /// How many workers take jobs.
    package let workers: Int
    private let state = Mutex(State())
    /// Counts the jobs that wait, and each worker's notice that the queue is closed.
    private let notices = DispatchSemaphore(value: 0)
    /// Entered by each accepted job until its outcome is reported.
    private let unfinished = DispatchGroup()

    /// - Parameters:
    ///   - capacity: how many jobs may wait beside those that run.
    ///   - workers: how many workers call `next`.
    package init(capacity: Int, workers: Int) {
        self.capacity = capacity
        self.workers = workers
    }

    package var counts: Counts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.waiting.count
            counts.running = state.running.count
            return counts
        }
    }

    /// Whether there is a place for a job that is about to arrive; counts a refusal if not.
    ///
    /// - Throws: why `submit` would refuse it now.
    package func checkPlace() throws(Refusal) {
        if let refusal = state.withLock({ countedRefusal(in: &$0) }) { throw refusal }
    }

    /// Accepts a job for the next free worker.
    package func submit(_ job: Job) throws(Refusal) {
        let refusal = state.withLock { state in
            if let refusal = countedRefusal(in: &state) { return Optional(refusal) }
            state.waiting.append(job)
            unfinished.enter()
            return nil
        }
        if let refusal { throw refusal }
        notices.signal()
    }

    /// The next job, when there is one; nil once the queue is closed and empty. The caller finishes it with `finish`.
    func next() -> Job? {
        while true {
            notices.wait()
            let (job, isClosed) = state.withLock { state -> (Job?, Bool) in
                // A notice without a job is that of a job cancelled while it waited, or of the closing.
                guard let job = state.waiting.first else { return (nil, state.isClosed) }
                state.waiting.removeFirst()
                state.running.append(job)
                return (job, false)
            }
            if let job { return job }
            if isClosed { return nil }
        }
    }

    /// Records and reports the outcome of a job that `next` gave.
    func finish(_ job: Job, _ outcome: Result<JobResult, any Error>, started: ContinuousClock.Instant) {
        // A place is free before the client knows, so that its next request finds it.
        let seconds = started.duration(to: .now) / .seconds(1)
        state.withLock { state in
            state.running.removeAll { $0 === job }
            switch outcome {
            case .success:
                state.counts.done += 1
                state.typicalSeconds = state.typicalSeconds.map { 0.7 * $0 + 0.3 * seconds } ?? seconds
            case .failure(is JobCancellation): state.counts.cancelled += 1
            case .failure: state.counts.failed += 1
            }
        }
        job.finish(outcome, started: started)
        unfinished.leave()
    }

    /// Cancels a job: at once if it waits, between two steps if it runs, not at all if it has ended.
    package func cancel(_ job: Job, _ reason: JobCancellation) {
        job.markCancelled(reason)
        let wasWaiting = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0 === job }) else { return false }
            state.waiting.remove(at: index)
            state.counts.cancelled += 1
            return true
        }
        guard wasWaiting else { return }
        job.finish(.failure(reason), started: nil)
        unfinished.leave()
    }

    /// Refuses further jobs. Those accepted go on; a worker that finds none left gets nil.
    package func close() {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return }
        for _ in 0..<workers { notices.signal() }
    }

    /// Waits until every accepted job has ended.
    package func drain() {
        unfinished.wait()
    }

    /// Waits until every accepted job has ended, but not longer than `limit`.
    ///
    /// - Returns: whether they have.
    package func drain(within limit: DispatchTimeInterval) -> Bool {
        unfinished.wait(timeout: .now() + limit) == .success
    }

    /// Cancels every job, waiting or running.
    package func cancelAll(_ reason: JobCancellation) {
        let jobs = state.withLock { $0.waiting + $0.running }
        for job in jobs { cancel(job, reason) }
    }

    /// Why there is no place, counted as a refusal; nil where there is one.
    private func countedRefusal(in state: inout State) -> Refusal? {
        let refusal = self.refusal(in: state)
        if refusal != nil { state.counts.refused += 1 }
        return refusal
    }

    private func refusal(in state: borrowing State) -> Refusal? {
        if state.isClosed { return .closed }
        // A worker that is free will take the job as soon as it wakes, so it counts as a place.
        let free = max(0, workers - state.running.count)
        guard state.waiting.count >= capacity + free else { return nil }
        return .full(retryAfterSeconds: secondsUntilPlace(in: state))
    }

    /// In how many seconds, at least 1, a job should have ended, all workers being busy.
    package var secondsUntilPlace: Int {
        state.withLock { secondsUntilPlace(in: $0) }
    }

    private func secondsUntilPlace(in state: borrowing State) -> Int {
        let seconds = (state.typicalSeconds ?? Self.guessedSeconds) / Double(workers)
        return max(1, Int(seconds.rounded(.up)))
    }

    /// How long a job takes, before one has shown it.
    private static let guessedSeconds = 10.0
}
