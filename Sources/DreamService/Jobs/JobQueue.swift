import Dispatch
import Synchronization

/// A bounded first-in-first-out queue of jobs. Requests submit jobs and workers take them. The queue also counts how
/// they ended.
package final class JobQueue: Sendable {
    /// Why the queue did not accept a job.
    package enum Refusal: Error, Equatable, Sendable {
        /// The queue is full. There will probably be room after this many seconds, at least 1.
        case full(retryAfterSeconds: Int)
        /// The service is stopping.
        case closed
    }

    /// How many jobs wait and run now, and how many have ended in each way since the start.
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
        var capacity: Int
        var waiting: [Job] = []
        var running: [Job] = []
        var isClosed = false
        var counts = Counts()
        /// The average computing time of finished jobs, weighted towards recent ones; nil before the first job.
        var typicalSeconds: Double?
    }

    /// How many workers take jobs.
    package let workers: Int
    private let state: Mutex<State>
    /// Signalled for each submitted job, and once for each worker when the queue is closed.
    private let notices = DispatchSemaphore(value: 0)
    /// Entered for each accepted job until its outcome is reported.
    private let unfinished = DispatchGroup()
    /// The current time, by which computing times are measured.
    let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - capacity: how many jobs can wait, not counting those that run.
    ///   - workers: how many workers call `next`.
    ///   - now: the current time; tests can pass their own clock.
    package init(
        capacity: Int, workers: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        state = Mutex(State(capacity: capacity))
        self.workers = workers
        self.now = now
    }

    /// How many jobs can wait for a worker. If it is lowered, jobs that wait already still wait.
    package var capacity: Int {
        get { state.withLock { $0.capacity } }
        set { state.withLock { $0.capacity = newValue } }
    }

    package var counts: Counts {
        state.withLock { state in
            var counts = state.counts
            counts.waiting = state.waiting.count
            counts.running = state.running.count
            return counts
        }
    }

    /// Checks that the queue would accept a job now, for a request whose body has not arrived yet.
    ///
    /// - Throws: why the queue would refuse the job, which is then counted as refused.
    package func checkPlace() throws(Refusal) {
        if let refusal = state.withLock({ countedRefusal(in: &$0) }) { throw refusal }
    }

    /// Adds a job to the end of the queue.
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

    /// Waits for the next job and takes it out of the queue. The caller must end it with `finish`.
    ///
    /// - Returns: the job; nil if the queue is closed and empty.
    func next() -> Job? {
        while true {
            notices.wait()
            let (job, isClosed) = state.withLock { state -> (Job?, Bool) in
                // There is no job if it was cancelled while it waited, or if the queue was closed.
                guard let job = state.waiting.first else { return (nil, state.isClosed) }
                state.waiting.removeFirst()
                state.running.append(job)
                return (job, false)
            }
            if let job { return job }
            if isClosed { return nil }
        }
    }

    /// Ends a job that `next` returned: counts its outcome and reports it.
    ///
    /// - Parameter started: when the worker took the job, by the queue's clock.
    func finish(_ job: Job, _ outcome: Result<JobResult, any Error>, started: ContinuousClock.Instant) {
        // Before the client gets its answer, so that there is room for its next request.
        let seconds = started.duration(to: now()) / .seconds(1)
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

    /// Cancels a job. A waiting job ends at once, a running one before its next step. If it has ended, this does
    /// nothing.
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

    /// Cancels a job after some seconds, if it has not ended by then.
    func cancel(_ job: Job, _ reason: JobCancellation, after seconds: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [weak self, weak job] in
            if let self, let job { cancel(job, reason) }
        }
    }

    /// Refuses further jobs from now on. Accepted jobs are still done.
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
    /// - Returns: whether every job has ended.
    package func drain(within limit: DispatchTimeInterval) -> Bool {
        unfinished.wait(timeout: .now() + limit) == .success
    }

    /// Cancels all waiting and running jobs.
    package func cancelAll(_ reason: JobCancellation) {
        let jobs = state.withLock { $0.waiting + $0.running }
        for job in jobs { cancel(job, reason) }
    }

    /// Why a job is refused now, which this counts; nil if it is not.
    private func countedRefusal(in state: inout State) -> Refusal? {
        let refusal = self.refusal(in: state)
        if refusal != nil { state.counts.refused += 1 }
        return refusal
    }

    private func refusal(in state: borrowing State) -> Refusal? {
        if state.isClosed { return .closed }
        // A free worker will take a job as soon as its thread wakes up, so it counts as room for one more job.
        let free = max(0, workers - state.running.count)
        guard state.waiting.count >= state.capacity + free else { return nil }
        return .full(retryAfterSeconds: secondsUntilPlace(in: state))
    }

    /// After how many seconds, at least 1, there will probably be room for another job.
    package var secondsUntilPlace: Int {
        state.withLock { secondsUntilPlace(in: $0) }
    }

    private func secondsUntilPlace(in state: borrowing State) -> Int {
        let seconds = (state.typicalSeconds ?? Self.assumedSeconds) / Double(workers)
        return max(1, Int(seconds.rounded(.up)))
    }

    /// The assumed computing time of a job while none has finished.
    private static let assumedSeconds = 10.0
}
