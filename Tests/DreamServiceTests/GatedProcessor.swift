import DeepDream
import Dispatch
import DreamService
import TestSupport

/// Lets a test decide when each job ends.
struct GatedProcessor: JobProcessor {
    final class Gate: Sendable {
        /// Counts the jobs that workers took.
        let started = Tally()
        private let permits = DispatchSemaphore(value: 0)

        /// Lets this many jobs end.
        func open(for jobs: Int = 1) {
            for _ in 0..<jobs { permits.signal() }
        }

        fileprivate func pass() {
            started.add()
            permits.wait()
        }
    }

    let gate: Gate

    func dream(_ job: Job) throws -> JobResult {
        gate.pass()
        try job.checkCancellation()
        return JobResult(bytes: job.upload, recipe: job.recipe, stages: [])
    }
}
