import FoundationEssentials
import Glibc

/// Downloads with the program `curl`, which already handles proxies and certificates as the system is set up.
struct Curl {
    enum Failure: Error {
        case notInstalled
        case notStarted(errno: Int32)
        /// - Parameters:
        ///   - status: curl's exit status.
        ///   - response: the server's last HTTP status; nil where there was none.
        case failed(status: Int32, response: Int?)
        case killed(signal: Int32)
    }

    /// The program's path, or its name in `PATH`.
    let program: String
    /// The protocols that it may use, also after a redirection: `https`.
    let protocols: String

    /// Downloads to a file, continuing where the file ends.
    ///
    /// - Parameters:
    ///   - lock: a descriptor that curl keeps open, so that its lock lasts while curl writes, even if this process is
    ///     killed.
    ///   - showsProgress: whether curl draws a bar on standard error.
    func resume(_ url: String, to path: String, lock: Int32, showsProgress: Bool) throws(Failure) {
        let arguments = [
            program, showsProgress ? "--progress-bar" : "--silent",
            "--fail", "--location", "--proto", "=\(protocols)", "--proto-redir", "=\(protocols)",
            "--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60",
            "--continue-at", "-", "--output", path, "--write-out", "%{http_code}", "--url", url,
        ]
        let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        var output: [Int32] = [-1, -1]
        // Sockets, as Swift lacks pipe2(): other programs that are started meanwhile must not get a copy.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &output) == 0 else { throw .notStarted(errno: errno) }
        defer { close(output[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, lock, STDERR_FILENO + 1)
        var child: pid_t = 0
        let error = Self.withCStrings(arguments) { arguments in
            Self.withCStrings(environment) { posix_spawnp(&child, program, &actions, nil, arguments, $0) }
        }
        posix_spawn_file_actions_destroy(&actions)
        close(output[1])
        guard error == 0 else { throw error == ENOENT ? .notInstalled : .notStarted(errno: error) }
        let response = Self.number(from: output[0])
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        guard signal == 0 else { throw .killed(signal: signal) }
        let code = status >> 8 & 0xff
        guard code == 0 else { throw code == 127 ? .notInstalled : .failed(status: code, response: response) }
        // Newer versions of curl call it a success where the server has nothing from the file's end on.
        guard response != Self.rangeNotSatisfiable else { throw .failed(status: 22, response: response) }
    }

    /// The HTTP status of a server that has nothing from the wanted byte on.
    fileprivate static let rangeNotSatisfiable = 416

    /// Reads to the end; nil for zero and what is no number.
    private static func number(from descriptor: Int32) -> Int? {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        return Int(String(decoding: text, as: UTF8.self)).flatMap { $0 == 0 ? nil : $0 }
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
    /// Whether the server cannot continue at the file's end, so that a download from the start may succeed. A temporary
    /// error, such as 503, does not count.
    var concernsResumption: Bool {
        switch self {
        case .failed(status: 22, let response): response == Curl.rangeNotSatisfiable
        case .failed(let status, _): [33, 36].contains(status)  // a server without ranges, a bad offset
        default: false
        }
    }

    var reason: String {
        switch self {
        case .notInstalled: "the program 'curl' is not installed"
        case .notStarted(let errno): "the program 'curl' cannot be started: \(String(cString: strerror(errno)))"
        case .killed(let signal): "curl was stopped by signal \(signal)"
        case .failed(let status, let response):
            switch status {
            case 1: "the address has a protocol that is not allowed"
            case 5, 6: "the host's name cannot be resolved (is there a network?)"
            case 7: "the host cannot be reached"
            case 18, 56, 92: "the connection broke off"
            case 22: "the server answered with the HTTP status \(response.map(String.init) ?? "of an error")"
            case 23: "the file cannot be written (is the disk full?)"
            case 28: "the server was silent for too long"
            case 35, 51, 58, 60: "no secure connection could be made"
            default: "curl ended with status \(status)"
            }
        }
    }
}
