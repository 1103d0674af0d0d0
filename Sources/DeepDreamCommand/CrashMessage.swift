import Glibc

/// What a command says when a library that it cannot do without crashes on a damaged file.
enum CrashMessage {
    /// From now on the process, when it crashes, says that the file is damaged, and exits with 1.
    static func blameHDF5() {
        // Within a signal only the simplest calls are allowed, so the text is no String and does not name the file.
        let explain: @convention(c) (Int32) -> Void = { _ in
            let text: StaticString = "Error: libhdf5 crashed on the file: its HDF5 structure is damaged\n"
            _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(EXIT_FAILURE)
        }
        for number in [SIGSEGV, SIGBUS, SIGFPE, SIGABRT] { signal(number, explain) }
    }
}
