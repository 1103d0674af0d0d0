/// A request as it was sent.
struct SentRequest {
    var method: String
    var fields: [(name: String, value: String)]
    /// nil if it is not whole, or not known.
    var body: [UInt8]?

    func matches(_ other: SentRequest) -> Bool {
        method == other.method && fields.count == other.fields.count
            && zip(fields, other.fields).allSatisfy { $0.name == $1.name && $0.value.trimmed == $1.value.trimmed }
            && (body == nil || other.body == nil || body == other.body)
    }
}

/// Reads requests as RFC 9112 has them, and nothing that it only tolerates: what this reader sees, each reader sees. It
/// stops at the first byte that is not so. It shares no code with the server.
///
/// It is less strict in what the server cannot see. Up to 0.9.76 libmicrohttpd writes NULs over line ends, colons and
/// other separators before it shows a head, so a byte that was a NUL, and a colon that stands alone, look the same.
struct StrictReader {
    private var rest: ArraySlice<UInt8>
    /// The requests up to the first that is wrong. The last one can lack its body.
    private(set) var requests: [SentRequest] = []

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
        while let request = request() {
            requests.append(request)
            if request.body == nil { break }
        }
    }

    private mutating func request() -> SentRequest? {
        skipEmptyLines()
        let method = take { $0 > 0x20 && $0 != 0x7F }
        guard Self.isToken(method), take(1) == [0x20] else { return nil }
        // A NUL in the query looks like `&`.
        guard !take(while: { ($0 > 0x20 && $0 != 0x7F) || $0 == 0 }).isEmpty, take(1) == [0x20] else { return nil }
        let version = take { $0 > 0x20 && $0 != 0x7F && $0 != 0 }
        guard version.count == 8, version.starts(with: "HTTP/1.".utf8), let fields = fields() else { return nil }
        let lengths = fields.filter { $0.name.lowercased() == "content-length" }.map(\.value)
        let codings = fields.filter { $0.name.lowercased() == "transfer-encoding" }.map(\.value)
        var request = SentRequest(method: Self.text(method), fields: fields, body: [])
        switch (lengths.count, codings.count) {
        case (0, 0): break
        case (1, 0):
            guard !lengths[0].hasPrefix("+"), let length = UInt64(lengths[0]) else { return nil }
            request.body = take(length)
        case (0, 1):
            guard codings[0].lowercased() == "chunked", Self.text(version) != "HTTP/1.0" else { return nil }
            request.body = chunks()
        default: return nil
        }
        return request
    }

    /// Section 2.2: empty lines before a request are ignored. libmicrohttpd takes a line that begins with a NUL for an
    /// empty one.
    private mutating func skipEmptyLines() {
        while let first = rest.first, [0, 10, 13].contains(first) {
            if first == 0 { _ = take { $0 != 10 } }
            rest = rest.dropFirst()
        }
    }

    /// A line's end, header or trailer fields, and the empty line after them.
    private mutating func fields() -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        while !skip(4, of: [0, 10, 13, UInt8(ascii: ":")]) {
            guard skip(2, of: [0, 10, 13]) else { return nil }
            let line = take { ($0 >= 0x20 || $0 == 9) && $0 != 0x7F }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isToken(line[..<colon]) else { return nil }
            fields.append((Self.text(line[..<colon]), Self.text(line[(colon + 1)...]).trimmed))
        }
        return fields
    }

    private mutating func chunks() -> [UInt8]? {
        var body: [UInt8] = []
        while true {
            let line = take { ($0 >= 0x20 || $0 == 9) && $0 != 0x7F }
            let digits = line.prefix { $0 != UInt8(ascii: ";") }
            guard digits.first != UInt8(ascii: "+"), let size = UInt64(Self.text(digits), radix: 16) else { return nil }
            if size == 0 { return fields() == nil ? nil : body }
            guard take(2) == Self.lineEnd, let chunk = take(size), take(2) == Self.lineEnd else { return nil }
            body += chunk
        }
    }

    private mutating func take(_ count: UInt64) -> [UInt8]? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }

    private mutating func skip(_ count: Int, of bytes: [UInt8]) -> Bool {
        guard rest.count >= count, rest.prefix(count).allSatisfy({ bytes.contains($0) }) else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    private mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let taken = rest.prefix(while: isWanted)
        rest = rest[taken.endIndex...]
        return taken
    }

    private static let lineEnd: [UInt8] = [13, 10]

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Section 5.6.2 of RFC 9110.
    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        let characters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
        return !bytes.isEmpty && bytes.allSatisfy { characters.contains($0) }
    }
}

extension String {
    /// Without the blanks around it.
    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
