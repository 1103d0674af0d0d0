import DreamService

/// Dreams, and calls a closure when it starts.
struct AnnouncingProcessor: JobProcessor {
    let onStart: @Sendable () throws -> Void
    /// Whether to repeat the dream until the job is cancelled.
    let isEndless: Bool
    let processor: PhotoDreamer

    func dream(_ job: Job, afterStep: () -> Void) throws -> JobResult {
        try onStart()
        while isEndless { _ = try processor.dream(job, afterStep: afterStep) }
        return try processor.dream(job, afterStep: afterStep)
    }
}
