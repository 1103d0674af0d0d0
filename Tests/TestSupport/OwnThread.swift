import Dispatch
import Testing

/// Gives each test a thread of its own.
///
/// Tests share as few threads as there are cores, and one that computes keeps its thread for seconds. A test that waits
/// for a socket or a process would then go on long after what it waits for, and miss states that pass.
/// Tasks that it makes share its thread.
package struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadExecutor()) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    /// See `OwnThread`.
    package static var ownThread: Self { OwnThread() }
}

/// Runs a task's parts in turn on a thread that nothing else uses meanwhile.
private final class ThreadExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
