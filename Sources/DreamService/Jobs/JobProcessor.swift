/// Makes the dream that a job asks for. Each worker has its own processor, which can keep memory between jobs.
package protocol JobProcessor {
    /// - Throws: what is wrong with the upload, or the job's `JobCancellation`.
    func dream(_ job: Job) throws -> JobResult
}
