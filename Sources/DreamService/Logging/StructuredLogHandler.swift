import Logging

/// Makes a line of each event.
package struct StructuredLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    private let format: LogFormat
    private let commonLevel: LogLevel
    /// The level of this logger alone; nil for the common one.
    private var ownLevel: Logger.Level?
    private let write: @Sendable (String) -> Void

    package var logLevel: Logger.Level {
        get { ownLevel ?? commonLevel.value }
        set { ownLevel = newValue }
    }

    /// - Parameters:
    ///   - level: the lowest level that is written. It can change at any time.
    ///   - write: called with each line, which ends with a line feed.
    package init(format: LogFormat, level: LogLevel, write: @escaping @Sendable (String) -> Void) {
        self.format = format
        commonLevel = level
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        write(
            format.line(
                level: event.level, message: "\(event.message)",
                metadata: metadata.merging(event.metadata ?? [:]) { $1 }))
    }
}
