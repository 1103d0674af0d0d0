import ArgumentParser
import Dispatch
import Glibc
import Synchronization

/// Turns Ctrl-C into an error that is thrown between two steps, so that no file is left incomplete.
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

    /// Throws the exit code of a command that is ended by SIGINT, 130, if Ctrl-C was pressed.
    func check() throws {
        if flag.isRaised.load(ordering: .relaxed) { throw ExitCode(128 + SIGINT) }
    }
}
