import Dispatch
import Glibc
import Logging

extension Service {
    /// Serves until SIGTERM or SIGINT, then finishes the jobs and returns. A second signal ends the process at once.
    ///
    /// - Throws: why the service could not start.
    public static func run(_ configuration: ServiceConfiguration) throws {
        let logger = Logger(label: "deepdream") { _ in
            StructuredLogHandler(format: configuration.logFormat, level: configuration.logLevel)
        }
        // Writing to a client that has disconnected should be an error, not end the process.
        signal(SIGPIPE, SIG_IGN)
        let signals = TerminationSignals()
        let server = try Service(configuration: configuration, logger: logger)
        let number = signals.wait()
        logger.notice("signal", metadata: ["number": "\(number)"])
        server.stop()
    }
}
