import Glibc

/// The message of a command that crashes in a library on a damaged file.
enum CrashMessage {
    /// Makes a crash of this process print that the file is damaged, and exit with 1.
    static func blameHDF5() {
        // Signal handlers can only make async-signal-safe calls, so this uses no String and cannot name the file.
        let explain: @convention(c) (Int32) -> Void = { _ in
            let text: StaticString = "Error: libhdf5 crashed on the file: its HDF5 structure is damaged\n"
            _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
            _exit(EXIT_FAILURE)
        }
        for number in [SIGSEGV, SIGBUS, SIGFPE, SIGABRT] { signal(number, explain) }
    }
}
