import Testing

/// Runs each test on a thread of its own.
///
/// Swift Testing shares a few threads, one for each processor, among all tests. A test that computes for seconds would
/// delay tests that wait for a socket or a process, and these could miss a state that does not last.
/// Tasks that a test creates share its thread.
package struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadExecutor()) { try await function() }
    }
}

extension Trait where Self == OwnThread {
    /// Runs each test on a thread of its own: see `OwnThread`.
    package static var ownThread: Self { OwnThread() }
}
