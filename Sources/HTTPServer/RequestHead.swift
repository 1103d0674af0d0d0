/// A request's method, target and header fields: all that is known before its body arrives.
public struct RequestHead: Sendable {
    /// The method as sent: `GET`, `POST` and so on.
    public let method: String
    /// The percent-decoded path, without the query.
    public let path: String
    /// The query's parameters, decoded, in order.
    public let query: [(name: String, value: String)]
    public let headers: Headers
    /// The client's IP address as text, without the port. Behind a proxy this is the proxy's address.
    public let peer: String
    /// Identifies the request in logs: the `X-Request-ID` that was sent if it is safe to log, else a random one.
    public let id: String

    package init(
        method: String, path: String, query: [(name: String, value: String)], headers: Headers, peer: String, id: String
    ) {
        (self.method, self.path, self.query, self.headers, self.peer) = (method, path, query, headers, peer)
        self.id = id
    }

    /// The head of a request that libmicrohttpd refuses, which does not tell the method.
    init(path: String, headers: Headers, peer: String) {
        self.init(
            method: "", path: path, query: [], headers: headers, peer: peer,
            id: RequestID.choose(offered: headers["X-Request-ID"]))
    }

    /// Whether more connections have a request than `HTTPServerConfiguration.connectionLimit`. Those beyond it are for
    /// health checks; all else that comes over them should be refused.
    public internal(set) var isBeyondConnectionLimit = false

    /// The length of the body that the head announces, 0 for no body; nil for a chunked body.
    ///
    /// Requests with an invalid or repeated `Content-Length` are refused before this is read.
    public var announcedBodyBytes: UInt64? {
        headers["Transfer-Encoding"] == nil ? headers["Content-Length"].map { UInt64($0) ?? .max } ?? 0 : nil
    }
}
