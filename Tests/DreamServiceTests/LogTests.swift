import DreamService
import Logging
import TestSupport
import Testing

@Suite struct LogTests {
    private func lines(_ format: LogFormat, level: Logger.Level = .info, _ log: (Logger) -> Void) -> [String] {
        let lines = Lines()
        log(
            Logger(label: "test") { _ in
                StructuredLogHandler(format: format, level: LogLevel(level)) { lines.append($0) }
            })
        return lines.all
    }

    /// Removes the time from a line: `prefix` characters before it and `suffix` characters after it are removed, too.
    private func withoutTime(_ line: String?, _ prefix: Int, _ suffix: Int = 0) -> String {
        String(line?.dropFirst(prefix + "2026-01-01T00:00:00.000Z".count + suffix) ?? "")
    }

    @Test("text lines have key=value pairs, with quotation marks where necessary")
    func text() {
        let lines = lines(.text) { $0.info("dreamt", metadata: ["b": "two words", "a": "1", "c": ""]) }
        #expect(lines.map { withoutTime($0, 0) } == [" info dreamt a=1 b=\"two words\" c=\"\"\n"])
    }

    @Test("JSON lines are one object each")
    func json() {
        let lines = lines(.json) { $0.warning("a \"b\"", metadata: ["path": "/\u{7}"]) }
        #expect(
            lines.map { withoutTime($0, 9, 1) }
                == [",\"level\":\"warning\",\"message\":\"a \\\"b\\\"\",\"path\":\"/\\u0007\"}\n"])
    }

    @Test("numbers are numbers in JSON, and texts that look like numbers are not")
    func numbers() {
        let lines = lines(.json) {
            $0.info(
                "m",
                metadata: [
                    "a": .stringConvertible(200), "b": .stringConvertible(1.5), "c": "7",
                    "d": .stringConvertible(Double.nan),
                ])
        }
        #expect(lines.first?.hasSuffix("\"a\":200,\"b\":1.5,\"c\":\"7\",\"d\":\"nan\"}\n") == true)
    }

    @Test("text from a client cannot forge a log line", arguments: LogFormat.allCases)
    func injection(format: LogFormat) {
        let lines = lines(format) {
            $0.info("request", metadata: ["path": "/\n2026-01-01 error forged\r\u{85}\u{1B}[2J"])
        }
        #expect(lines.count == 1)
        #expect(lines.first?.dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x85 } == true)
    }

    @Test("messages below the level are not written")
    func level() {
        #expect(lines(.text, level: .warning) { $0.info("quiet") } == [])
    }
}
