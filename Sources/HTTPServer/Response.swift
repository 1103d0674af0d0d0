/// An answer to a request.
public struct Response: Sendable {
    /// The status, 200 … 599; any other value is sent as 500.
    public var status: Int
    /// The header fields. `Content-Length` and fields that HTTP does not allow are not sent.
    public var headers: Headers
    /// The body. It is sent without being copied.
    public var body: [UInt8]
    /// Makes the body while it is sent, instead of `body`.
    public var stream: ResponseStream?
    /// Released when the body has been sent, or will not be.
    public var reservation: (any AnyObject & Sendable)?
    /// A label for logs, passed to ``RequestHandler/completed(_:status:label:duration:)``. It is not sent.
    public var label: String?

    public init(status: Int, headers: Headers = [:], body: [UInt8] = [], label: String? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.label = label
    }

    /// A response whose body is made while it is sent.
    public init(status: Int, headers: Headers = [:], stream: ResponseStream, label: String? = nil) {
        self.init(status: status, headers: headers, label: label)
        self.stream = stream
    }
}
