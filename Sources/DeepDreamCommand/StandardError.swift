import Glibc

/// What is said to people, apart from what is piped on.
enum StandardError {
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func print(_ text: String, terminator: String = "\n") {
        // Where nobody can be told, there is nobody to tell that.
        try? Files.writeAll([UInt8]((text + terminator).utf8), to: STDERR_FILENO, name: "standard error")
    }
}
