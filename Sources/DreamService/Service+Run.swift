import Dispatch
import Glibc
import Logging

extension Service {
    /// Serves until SIGTERM or SIGINT, then finishes the jobs and returns. A second signal ends the process at once.
    ///
    /// SIGHUP reads the configuration again. A configuration with an error changes nothing.
    ///
    /// - Parameter load: reads the configuration.
    /// - Throws: why the service could not start.
    public static func run(loading load: () throws -> ServiceConfiguration) throws {
        Memory.giveBackFreedBlocks()
        Descriptors.raiseLimit()
        let configuration = try load()
        let format = configuration.logFormat
        let writer = LogWriter(descriptor: STDERR_FILENO) { count in
            format.line(
                level: .warning, message: "log lines were dropped because nobody read them",
                metadata: ["lines": .stringConvertible(count)])
        }
        defer { writer.flush(within: .seconds(1)) }
        let level = LogLevel(configuration.logLevel)
        let logger = Logger(label: "deepdream") { _ in
            StructuredLogHandler(format: format, level: level, write: writer.write)
        }
        // Writing to a client that has disconnected should be an error, not end the process.
        signal(SIGPIPE, SIG_IGN)
        // So should writing to a file that may not grow any more.
        signal(SIGXFSZ, SIG_IGN)
        let signals = ServiceSignals()
        let service = try Service(configuration: configuration, logger: logger) { writer.droppedLines }
        while true {
            switch signals.next() {
            case .reload:
                do {
                    let changed = try load()
                    level.value = changed.logLevel
                    service.apply(changed)
                } catch {
                    logger.error("configuration not reloaded", metadata: ["reason": "\(error)"])
                }
            case .stop(let number):
                logger.notice("signal", metadata: ["number": .stringConvertible(Int(number))])
                guard !service.stop() else { return }
                writer.flush(within: .seconds(1))
                _exit(0)
            }
        }
    }
}
