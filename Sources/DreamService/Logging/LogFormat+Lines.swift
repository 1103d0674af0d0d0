import FoundationEssentials
import Logging

extension LogFormat {
    /// An event of this moment as one line, which ends with a line feed.
    ///
    /// In JSON, metadata that is an `Int` or a `Double` in `.stringConvertible` is a number.
    func line(level: Logger.Level, message: String, metadata: Logger.Metadata) -> String {
        let details = metadata.sorted { $0.key < $1.key }
        let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch self {
        case .text:
            let pairs = details.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
            return "\(time) \(level) \(Self.escaped(message))\(pairs)\n"
        case .json:
            let head: [(String, Logger.MetadataValue)] = [
                ("time", .string(time)), ("level", .string("\(level)")), ("message", .string(message)),
            ]
            let members = (head + details.map { ($0.key, $0.value) })
                .map { "\(Self.jsonString($0.0)):\(Self.json($0.1))" }
            return "{\(members.joined(separator: ","))}\n"
        }
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .stringConvertible(let number as Int): "\(number)"
        case .stringConvertible(let number as Double) where number.isFinite: "\(number)"
        default: jsonString("\(value)")
        }
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
