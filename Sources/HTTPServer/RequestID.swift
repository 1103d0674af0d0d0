/// The text that identifies a request in logs.
package enum RequestID {
    /// Returns `offered` if it is safe in a log line and a header (1 … 64 of `A-Z a-z 0-9 . _ -`), else a new one.
    package static func choose(offered: String?) -> String {
        guard let offered, (1...64).contains(offered.utf8.count), offered.utf8.allSatisfy(isSafe) else {
            return make()
        }
        return offered
    }

    /// 16 random hexadecimal digits.
    private static func make() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isSafe(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
