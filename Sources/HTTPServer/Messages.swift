/// Header fields in their order; names compare without regard to case.
public struct Headers: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    public private(set) var fields: [(name: String, value: String)] = []

    public init() {}
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// The first value of the field `name`, or nil.
    public subscript(_ name: String) -> String? { values(of: name).first }

    /// Every value of the field `name`, in order.
    public func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    public mutating func append(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    public static func == (left: Headers, right: Headers) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// What is known of a request before its body arrives.
public struct RequestHead: Sendable {
    /// `GET`, `POST` …, as sent.
    public let method: String
    /// The percent-decoded path, without the query.
    public let path: String
    /// The query's parameters, decoded, in order.
    public let query: [(name: String, value: String)]
    public let headers: Headers
    /// The peer's address as text, without a port.
    public let peer: String
    /// Identifies the request in logs: the client's or proxy's `X-Request-ID` where it is harmless, else made here.
    public let id: String

    /// The body's length where the head announces it; nil for a chunked body.
    ///
    /// Whole and single: heads whose framing is in doubt reach no handler.
    public var announcedBodyBytes: UInt64? {
        headers["Transfer-Encoding"] == nil ? headers["Content-Length"].map { UInt64($0) ?? .max } ?? 0 : nil
    }
}

/// One part of a `multipart/form-data` body, or one pair of an `application/x-www-form-urlencoded` one.
public struct FormField: Sendable {
    public let name: String
    /// As the client gave it, bytes that are not UTF-8 replaced: of any length, and with any characters. No path.
    public let filename: String?
    public let contentType: String?
    public let value: [UInt8]
}

/// A request whose body has arrived whole.
public struct Request: Sendable {
    public let head: RequestHead
    /// The fields of a form body, in order; empty where the body was no form.
    public let form: [FormField]
    /// What the handler gave at the request's admission, to be held as long as it keeps the form.
    public let reservation: (any AnyObject & Sendable)?
}

public struct Response: Sendable {
    public var status: Int
    public var headers: Headers
    /// Handed to the socket without a copy.
    public var body: [UInt8]
    /// What the response is about, for whoever is told that it was sent; the client never sees it.
    public var label: String?

    public init(status: Int, headers: Headers = [:], body: [UInt8] = [], label: String? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.label = label
    }
}
