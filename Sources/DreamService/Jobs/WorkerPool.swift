import Dispatch

/// Turns a job into a dream. Each worker has one of its own, which may keep memory from job to job.
package protocol JobProcessor {
    /// - Throws: what was wrong with the upload, or the job's `JobCancellation`.
    func dream(_ job: Job) throws -> JobResult
}

/// A fixed number of workers, each a Dispatch queue, that take jobs until their queue is closed.
package struct WorkerPool: Sendable {
    private let workers = DispatchGroup()

    /// Starts `queue.workers` workers.
    ///
    /// - Parameter makeProcessor: called once by each worker, on its own thread.
    package init(queue: JobQueue, makeProcessor: @escaping @Sendable () -> any JobProcessor) {
        for number in 1...max(1, queue.workers) {
            DispatchQueue(label: "dream-worker-\(number)").async(group: workers) {
                let processor = makeProcessor()
                while let job = queue.next() {
                    let started = ContinuousClock.now
                    let outcome = Result {
                        try job.checkCancellation()
                        return try processor.dream(job)
                    }
                    queue.finish(job, outcome, started: started)
                }
            }
        }
    }

    /// Waits until all workers have left their closed queue.
    package func join() {
        workers.wait()
    }
}
