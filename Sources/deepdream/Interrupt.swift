import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// Turns Ctrl-C into an error between two steps, so that nothing is ever half-written.
final class Interrupt: Sendable {
    private let isRaised = Atomic(false)
    private let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())

    init() {
        source.setEventHandler { [weak self] in self?.isRaised.store(true, ordering: .relaxed) }
        source.activate()
    }

    /// - Throws: the exit code that shells give to a command ended by SIGINT, if it was raised.
    func check() throws {
        if isRaised.load(ordering: .relaxed) { throw ExitCode(128 + SIGINT) }
    }
}
