import HTTPServer

/// The place of a request in a trace, from the header `traceparent` (https://www.w3.org/TR/trace-context/).
struct TraceContext {
    /// The header's value.
    let parent: String

    /// The trace that the request belongs to: 32 hexadecimal digits.
    var trace: Substring { parent.dropFirst(3).prefix(32) }

    /// - Returns: nil if the request has no such header, or one that the standard says to ignore.
    init?(_ head: RequestHead) {
        let values = head.headers.values(of: "traceparent")
        guard values.count == 1, Self.isValid(values[0]) else { return nil }
        parent = values[0]
    }

    private static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.map(\.utf8.count) == [2, 32, 16, 2], parts[0] != "ff" else { return false }
        let isHexadecimal = parts.joined().utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        return isHexadecimal && parts[1].contains { $0 != "0" } && parts[2].contains { $0 != "0" }
    }
}
