import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// Turns Ctrl-C into an error between two steps, so that nothing is ever half-written.
final class Interrupt {
    private final class Flag: Sendable {
        let isRaised = Atomic(false)
    }

    private let flag: Flag
    private let source: any DispatchSourceSignal

    init() {
        let flag = Flag()
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { flag.isRaised.store(true, ordering: .relaxed) }
        source.activate()
        self.flag = flag
    }

    /// - Throws: the exit code that shells give to a command ended by SIGINT, if it was raised.
    func check() throws {
        if flag.isRaised.load(ordering: .relaxed) { throw ExitCode(128 + SIGINT) }
    }
}
