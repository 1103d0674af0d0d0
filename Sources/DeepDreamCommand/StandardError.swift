import Glibc

/// Messages for the user, which go to standard error so that standard output can be piped.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func print(_ text: String, terminator: String = "\n") {
        // If standard error cannot be written to, there is nowhere to report that.
        try? Files.writeAll([UInt8]((text + terminator).utf8), to: STDERR_FILENO, name: "standard error")
    }
}
