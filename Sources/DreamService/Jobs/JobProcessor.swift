/// Makes the dream that a job asks for. Each worker has its own processor, which can keep memory between jobs.
package protocol JobProcessor {
    /// - Parameter afterStep: called after each step; it may do other jobs with other processors.
    /// - Throws: what is wrong with the upload, or the job's `JobCancellation`.
    func dream(_ job: Job, afterStep: () -> Void) throws -> JobResult
}
