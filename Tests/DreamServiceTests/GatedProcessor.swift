import DeepDream
import Dispatch
import DreamService
import TestSupport

/// Keeps jobs running until the test opens a gate.
struct GatedProcessor: JobProcessor {
    final class Gate: Sendable {
        /// Counts the jobs that workers have taken.
        let started = Tally()
        private let permits = DispatchSemaphore(value: 0)

        /// Lets as many jobs end.
        func open(for jobs: Int = 1) {
            for _ in 0..<jobs { permits.signal() }
        }

        /// Lets as many jobs end, closes the queue, and waits until its workers have stopped.
        func finish(_ queue: JobQueue, _ pool: WorkerPool, jobs: Int = 0) async {
            open(for: jobs)
            queue.close()
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    _ = pool.join(within: .never)
                    continuation.resume()
                }
            }
        }

        func pass() {
            started.add()
            permits.wait()
        }
    }

    let gate: Gate

    func dream(_ job: Job, afterStep: () -> Void) throws -> JobResult {
        gate.pass()
        try job.checkCancellation()
        return JobResult(bytes: job.upload, recipe: job.recipe, stages: [])
    }
}
