import Dispatch

/// A fixed number of workers that take jobs until their queue is closed. Each has its own Dispatch queue.
package struct WorkerPool: Sendable {
    private let workers = DispatchGroup()

    /// Starts `queue.workers` workers.
    ///
    /// - Parameter makeProcessor: makes the processor of one worker. Called once on each worker's thread.
    package init(queue: JobQueue, makeProcessor: @escaping @Sendable () -> any JobProcessor) {
        for number in 1...max(1, queue.workers) {
            DispatchQueue(label: "dream-worker-\(number)").async(group: workers) {
                let processor = makeProcessor()
                while let job = queue.next() { Self.perform(job, of: queue, by: processor, makeProcessor) }
            }
        }
    }

    private static func perform(
        _ job: Job, of queue: JobQueue, by processor: any JobProcessor,
        _ makeProcessor: @escaping @Sendable () -> any JobProcessor
    ) {
        let started = queue.now()
        let outcome = Result {
            try job.checkCancellation()
            job.onStart?()
            // Where memory is scarce after all, one job fails, and not the process.
            guard Memory.isAvailable(job.memory) else {
                throw ScarceMemory(retryAfterSeconds: queue.secondsUntilPlace)
            }
            return try processor.dream(job) {
                // The processor is in the middle of this job, so others need one of their own, which is kept while they
                // follow each other.
                var other: (any JobProcessor)?
                queue.rest(job) { next in
                    let processor = other ?? makeProcessor()
                    other = processor
                    Self.perform(next, of: queue, by: processor, makeProcessor)
                }
            }
        }
        queue.finish(job, outcome, started: started)
    }

    /// Waits until all workers have ended, but not longer than `limit`. Close their queue before.
    ///
    /// - Returns: whether all have ended.
    package func join(within limit: DispatchTimeInterval) -> Bool {
        workers.wait(timeout: .now() + limit) == .success
    }
}
