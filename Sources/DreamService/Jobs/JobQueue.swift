import Dispatch
import Synchronization

/// A bounded queue of jobs. Requests submit jobs, and workers take them once there is memory for them: first those
/// whose clients wait, then stored ones, each in the order of their arrival. The queue also counts how they ended.
///
/// A stored job that runs lets those whose clients wait go first, after each step. So stored jobs wait as long as there
/// are others. Among those no job overtakes another, so a large one does not wait forever.
package final class JobQueue: Sendable {
    /// Why the queue did not accept a job.
    package enum Refusal: Error, Equatable, Sendable {
        /// The queue is full. There will probably be room after this many seconds, at least 1.
        case full(retryAfterSeconds: Int)
        /// The job would pass its deadline behind those before it. After this many seconds it would probably not.
        case late(retryAfterSeconds: Int)
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
        /// The next time at which deadlines are checked; nil if that is not planned.
        var nextCheck: ContinuousClock.Instant?
    }

    /// How many workers take jobs.
    package let workers: Int
    private let state: Mutex<State>
    /// Signalled for each submitted job, and once for each worker when the queue is closed.
    private let notices = DispatchSemaphore(value: 0)
    /// Entered for each accepted job until its outcome is reported.
    private let unfinished = DispatchGroup()
    /// Where running jobs take their memory.
    let memory: MemoryBudget
    /// How many notices were taken without a job, because there was no memory for the first one.
    private let missed = Atomic(0)
    /// How fast jobs are.
    package let throughput: Throughput
    /// The current time, by which computing times are measured.
    let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - capacity: how many jobs can wait, not counting those that run.
    ///   - workers: how many workers call `next`.
    ///   - memory: where running jobs take their memory; each job must fit when there is no other.
    ///   - throughput: how fast jobs are, as far as that is known.
    ///   - now: the current time; tests can pass their own clock.
    package init(
        capacity: Int, workers: Int, memory: MemoryBudget = MemoryBudget(capacity: .max),
        throughput: Throughput = Throughput(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        state = Mutex(State(capacity: capacity))
        self.workers = workers
        self.memory = memory
        self.throughput = throughput
        self.now = now
        memory.notify { [weak self] in self?.repeatMissedNotices() }
    }

    /// Lets workers look again whether there is memory for the first job.
    private func repeatMissedNotices() {
        for _ in 0..<missed.exchange(0, ordering: .sequentiallyConsistent) { notices.signal() }
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

    /// Adds a job to the queue. It is refused, too, if it would pass its deadline behind the jobs before it.
    package func submit(_ job: Job) throws(Refusal) {
        let (refusal, check) = state.withLock { state -> (Refusal?, ContinuousClock.Instant?) in
            if let refusal = countedRefusal(of: job, in: &state) { return (refusal, nil) }
            let place = job.clientWaits ? state.waiting.firstIndex { !$0.clientWaits } : nil
            state.waiting.insert(job, at: place ?? state.waiting.endIndex)
            unfinished.enter()
            return (nil, Self.planCheck(in: &state))
        }
        if let refusal { throw refusal }
        notices.signal()
        if let check { checkDeadlines(at: check) }
    }

    /// Plans the next check of deadlines, unless there is one early enough.
    ///
    /// - Returns: when it must be; nil if none must be planned.
    private static func planCheck(in state: inout State) -> ContinuousClock.Instant? {
        guard let first = (state.waiting + state.running).compactMap(\.deadline).min(),
            state.nextCheck.map({ first < $0 }) ?? true
        else { return nil }
        state.nextCheck = first
        return first
    }

    /// Cancels the jobs whose deadlines have passed, at that time. One timer serves all jobs, so that none is left
    /// behind by a job that ends early.
    private func checkDeadlines(at time: ContinuousClock.Instant) {
        let wait = max(0, ContinuousClock.now.duration(to: time) / .milliseconds(1))
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(wait.rounded(.up)))) { [weak self] in
            guard let self else { return }
            let now = ContinuousClock.now
            let overdue = state.withLock { state -> [Job] in
                if let next = state.nextCheck, next <= now { state.nextCheck = nil }
                return (state.waiting + state.running).compactMap { job in job.deadline.map { (job, $0) } }
                    .filter { $0.1 <= now }.sorted { $0.1 < $1.1 }.map(\.0)
            }
            for job in overdue where !job.isCancelled { cancel(job, .deadlinePassed) }
            let next = state.withLock { state -> ContinuousClock.Instant? in
                let pending = (state.waiting + state.running).filter { !$0.isCancelled }.compactMap(\.deadline).min()
                guard let pending, state.nextCheck.map({ pending < $0 }) ?? true else { return nil }
                state.nextCheck = pending
                return pending
            }
            if let next { checkDeadlines(at: next) }
        }
    }

    /// Waits for the next job and takes it out of the queue. The caller must end it with `finish`.
    ///
    /// - Returns: the job; nil if the queue is closed and empty.
    func next() -> Job? {
        while true {
            notices.wait()
            let (job, share, isClosed) = state.withLock { state -> (Job?, MemoryBudget.Share?, Bool) in
                // There is no job if it was cancelled while it waited, or if the queue was closed.
                guard let job = state.waiting.first else { return (nil, nil, state.isClosed) }
                guard let share = memory(for: job, isAlone: state.running.isEmpty) else { return (nil, nil, false) }
                state.waiting.removeFirst()
                state.running.append(job)
                return (job, share, false)
            }
            if let job {
                begin(job, share)
                return job
            }
            if isClosed { return nil }
        }
    }

    /// Lets jobs go first whose clients wait, if `job` is a stored one. Call it on the worker's thread, between steps.
    ///
    /// - Parameter work: does a job and ends it with `finish`.
    func rest(_ job: Job, _ work: (Job) -> Void) {
        guard !job.clientWaits, var first = nextWithClient(before: job) else { return }
        job.beginRest()
        while true {
            work(first)
            guard let next = nextWithClient(before: job) else { break }
            first = next
        }
        job.endRest()
        planDeadline()
    }

    /// Takes the next job out of the queue if its client waits, no worker is free for it, and there is memory for it
    /// beside that of `job`.
    private func nextWithClient(before job: Job) -> Job? {
        guard !job.isCancelled else { return nil }
        let taken = state.withLock { state -> (Job, MemoryBudget.Share)? in
            let busy = state.running.count { $0 === job || !$0.isResting }
            guard busy >= workers, let first = state.waiting.first, first.clientWaits,
                let share = memory.take(first.memory)
            else { return nil }
            state.running.append(state.waiting.removeFirst())
            return (first, share)
        }
        guard let (first, share) = taken else { return nil }
        begin(first, share)
        return first
    }

    private func begin(_ job: Job, _ share: MemoryBudget.Share?) {
        // The job keeps this closure, which therefore must not keep the job.
        job.begin(with: share) { [weak self, cost = job.cost] part, duration in
            if let cost { self?.measure(cost, share: part, duration) }
        }
        if !job.clientWaits { planDeadline() }
    }

    /// Plans the next check of deadlines when a job has got one.
    private func planDeadline() {
        if let check = state.withLock({ Self.planCheck(in: &$0) }) { checkDeadlines(at: check) }
    }

    /// The memory of a job; nil if there is none, after which memory that becomes free gives a notice.
    private func memory(for job: Job, isAlone: Bool) -> MemoryBudget.Share? {
        func take() -> MemoryBudget.Share? {
            guard !job.clientWaits, !isAlone else { return memory.take(job.memory) }
            // A stored job leaves as much for those whose clients wait as it takes, or begins when no other runs.
            let share = memory.take(2 * job.memory)
            share?.shrink(to: job.memory)
            return share
        }
        if let share = take() { return share }
        missed.add(1, ordering: .sequentiallyConsistent)
        // Some may have become free in between. A notice too many does no harm.
        return take()
    }

    /// Notes how long a step of a running job took.
    private func measure(_ cost: JobCost, share: Double, _ duration: Duration) {
        let running = state.withLock { $0.running.count { !$0.isResting } }
        throughput.measure(
            share * cost.operations, of: cost.kind, seconds: duration / .seconds(1) / Double(max(1, running)))
    }

    /// Ends a job that `next` returned: counts its outcome and reports it, unless it was abandoned.
    ///
    /// - Parameter started: when the worker took the job, by the queue's clock.
    func finish(_ job: Job, _ outcome: Result<JobResult, any Error>, started: ContinuousClock.Instant) {
        // Before the client gets its answer, so that there is room for its next request.
        let seconds = (started.duration(to: now()) - job.rested) / .seconds(1)
        let isRunning = state.withLock { state in
            guard let index = state.running.firstIndex(where: { $0 === job }) else { return false }
            state.running.remove(at: index)
            switch outcome {
            case .success:
                state.counts.done += 1
                state.typicalSeconds = state.typicalSeconds.map { 0.7 * $0 + 0.3 * seconds } ?? seconds
            case .failure(is JobCancellation): state.counts.cancelled += 1
            case .failure: state.counts.failed += 1
            }
            return true
        }
        guard isRunning else { return }
        job.finish(outcome, started: started)
        unfinished.leave()
    }

    /// Cancels a job. A waiting job ends at once, a running one soon. If it has ended, this does nothing.
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
        // The next one may need less memory.
        repeatMissedNotices()
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

    /// Ends the jobs that run, without waiting for their workers. Call it when they do not end although they were
    /// cancelled.
    package func abandonRunning(_ reason: JobCancellation) {
        let jobs = state.withLock { state in
            defer { state.running = [] }
            state.counts.cancelled += state.running.count
            return state.running
        }
        for job in jobs {
            job.finish(.failure(reason), started: job.started)
            unfinished.leave()
        }
    }

    /// Why a job is refused now, which this counts; nil if it is not.
    ///
    /// - Parameter job: nil if nothing is known of it yet.
    private func countedRefusal(of job: Job? = nil, in state: inout State) -> Refusal? {
        let refusal = self.refusal(of: job, in: state) ?? job.flatMap { lateness(of: $0, in: state) }
        if refusal != nil { state.counts.refused += 1 }
        return refusal
    }

    private func refusal(of job: Job?, in state: borrowing State) -> Refusal? {
        if state.isClosed { return .closed }
        // A stored job takes no place.
        guard job?.clientWaits != false, Self.isFull(state, workers: workers) else { return nil }
        return .full(retryAfterSeconds: Self.wholeSeconds(backlog(in: state).seconds))
    }

    private static func isFull(_ state: borrowing State, workers: Int) -> Bool {
        // A worker that is free, or has a stored job, will take a job in a moment, so it counts as room for one more.
        let free = max(0, workers - state.running.count { $0.clientWaits })
        return state.waiting.count { $0.clientWaits } >= state.capacity + free
    }

    /// Whether no job whose client waits would be accepted now.
    package var isFull: Bool { state.withLock { Self.isFull($0, workers: workers) } }

    /// The refusal of a job that would probably pass its deadline behind the jobs before it.
    private func lateness(of job: Job, in state: borrowing State) -> Refusal? {
        guard job.clientWaits, let deadline = job.deadline, let own = job.cost.flatMap(throughput.leastSeconds) else {
            return nil
        }
        let left = ContinuousClock.now.duration(to: deadline) / .seconds(1)
        let backlog = backlog(in: state)
        let end = backlog.secondsUntilEnd(of: own)
        // Alone it would be in time: a forecast that is a little too long must not keep it out of an idle service.
        guard backlog.seconds > 0, end > left else { return nil }
        return .late(retryAfterSeconds: Self.wholeSeconds(min(backlog.seconds, end - left)))
    }

    /// After how many seconds, at least 1, the jobs whose clients wait will probably be done.
    package var secondsUntilPlace: Int {
        state.withLock { Self.wholeSeconds(backlog(in: $0).seconds) }
    }

    /// How long ago, in seconds, the running job did its last step that has done none for the longest time; nil if none
    /// runs.
    package var longestStepSeconds: Double? {
        state.withLock { $0.running.filter { !$0.isResting }.compactMap(\.lastStep).min() }
            .map { $0.duration(to: .now) / .seconds(1) }
    }

    /// How long the jobs whose clients wait will probably compute, in seconds.
    package var backlogSeconds: Double { state.withLock { backlog(in: $0).seconds } }

    private static func wholeSeconds(_ seconds: Double) -> Int {
        max(1, Int(min(86_400, seconds.rounded(.up))))
    }

    /// The jobs whose clients wait, by their predicted work and the measured speed. A job of which nothing is known
    /// takes as long as others did.
    private func backlog(in state: borrowing State) -> Backlog {
        let typical = (state.typicalSeconds ?? Self.assumedSeconds) / Double(workers)
        func seconds(_ job: Job) -> Double {
            guard let cost = job.cost else { return typical }
            return throughput.seconds(for: cost) ?? max(typical, throughput.leastSeconds(for: cost) ?? 0)
        }
        return Backlog(
            workers: workers,
            running: state.running.filter(\.clientWaits).map { (1 - $0.fraction) * seconds($0) },
            waiting: state.waiting.filter(\.clientWaits).map(seconds),
            others: state.running.count { !$0.clientWaits && !$0.isResting })
    }

    /// The assumed computing time of a job while none has finished.
    private static let assumedSeconds = 10.0
}
