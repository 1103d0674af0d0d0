/// The system does not have the memory that a job needs, so the job has not begun. Later there may be enough.
package struct ScarceMemory: Error {
    /// After how many seconds a client may try again.
    let retryAfterSeconds: Int

    package init(retryAfterSeconds: Int) { self.retryAfterSeconds = retryAfterSeconds }
}
