import FoundationEssentials
import Glibc
import Logging

/// Writes each event as one line to standard error.
public struct StructuredLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let format: LogFormat
    private let write: @Sendable (String) -> Void

    public init(format: LogFormat, level: Logger.Level) {
        self.init(format: format, level: level, write: Self.writeToStandardError)
    }

    /// - Parameter write: called with each line, which ends with a line feed.
    package init(format: LogFormat, level: Logger.Level, write: @escaping @Sendable (String) -> Void) {
        self.format = format
        logLevel = level
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let details = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { (key: $0.key, value: "\($0.value)") }
        let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch format {
        case .text:
            let pairs = details.map { " \($0.key)=\(Self.quoted($0.value))" }.joined()
            write("\(time) \(event.level) \(Self.escaped("\(event.message)"))\(pairs)\n")
        case .json:
            let head = [("time", time), ("level", "\(event.level)"), ("message", "\(event.message)")]
            let members = (head + details.map { ($0.key, $0.value) })
                .map { "\(Self.jsonString($0.0)):\(Self.jsonString($0.1))" }
            write("{\(members.joined(separator: ","))}\n")
        }
    }

    /// Writes a line with one system call, so that lines of different threads do not mix.
    private static func writeToStandardError(_ line: String) {
        var line = line
        line.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    /// Puts text in quotation marks if it is empty or has spaces or special characters.
    private static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7F && $0 != "\"" && $0 != "\\"
            }
        return isPlain ? value : jsonString(value)
    }

    /// Escapes control characters and quotation marks, so that text from clients cannot forge a log line.
    private static func escaped(_ text: String) -> String {
        String(jsonString(text).dropFirst().dropLast())
    }

    private static func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
