import FoundationEssentials
import Glibc

/// Downloads with the program `curl`, which already handles proxies and certificates as the system is set up.
struct Curl {
    enum Failure: Error {
        case notInstalled
        case failed(status: Int32)
        case killed(signal: Int32)
    }

    /// The program's path, or its name in `PATH`.
    let program: String
    /// The protocols that it may use, also after a redirection: `https`.
    let protocols: String

    /// Downloads to a file, continuing where the file ends.
    ///
    /// - Parameter showsProgress: whether curl draws a bar on standard error.
    func resume(_ url: String, to path: String, showsProgress: Bool) throws(Failure) {
        let arguments = [
            program, showsProgress ? "--progress-bar" : "--silent",
            "--fail", "--location", "--proto", "=\(protocols)", "--proto-redir", "=\(protocols)",
            "--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60",
            "--continue-at", "-", "--output", path, "--url", url,
        ]
        let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        var child: pid_t = 0
        let error = Self.withCStrings(arguments) { arguments in
            Self.withCStrings(environment) { posix_spawnp(&child, program, nil, nil, arguments, $0) }
        }
        guard error == 0 else { throw .notInstalled }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        guard signal == 0 else { throw .killed(signal: signal) }
        let code = status >> 8 & 0xff
        guard code == 0 else { throw code == 127 ? .notInstalled : .failed(status: code) }
    }

    /// Calls `body` with the strings as C expects them: an array of pointers that ends with null.
    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { (copies + index).initialize(to: strdup(string)) }
        (copies + strings.count).initialize(to: nil)
        defer {
            for index in strings.indices { free(copies[index]) }
            copies.deallocate()
        }
        return body(copies)
    }
}

extension Curl.Failure {
    /// Whether the cause may be that the server cannot continue at the file's end, so that a download from the start
    /// may succeed.
    var concernsResumption: Bool {
        // An HTTP error such as 416, a server without ranges, a bad offset.
        if case .failed(let status) = self { [22, 33, 36].contains(status) } else { false }
    }

    var reason: String {
        switch self {
        case .notInstalled: "the program 'curl' is not installed"
        case .killed(let signal): "curl was stopped by signal \(signal)"
        case .failed(let status):
            switch status {
            case 1: "the address has a protocol that is not allowed"
            case 5, 6: "the host's name cannot be resolved (is there a network?)"
            case 7: "the host cannot be reached"
            case 18, 56, 92: "the connection broke off"
            case 22: "the server answered with an error"
            case 23: "the file cannot be written (is the disk full?)"
            case 28: "the server was silent for too long"
            case 35, 51, 58, 60: "no secure connection could be made"
            default: "curl ended with status \(status)"
            }
        }
    }
}
