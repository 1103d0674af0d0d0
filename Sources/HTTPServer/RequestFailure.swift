/// Why a request failed before it reached ``RequestHandler/handle(_:_:)``.
public enum RequestFailure: Error, Sendable, Equatable {
    /// The head is not valid HTTP, or does not say clearly where the body ends. The reason is meant for the client.
    case malformedHead(reason: String)
    /// The body is not a valid form, or ends too early. The reason is meant for the client.
    case malformedForm(reason: String)
    /// The body is longer than `maximumBytes`.
    case bodyTooLarge(maximumBytes: Int)
    /// The body arrives too slowly. The reason is meant for the client and names the limit.
    case bodyTooSlow(reason: String)
    /// The reservation for the body has no more memory.
    case noMemory
    /// The body is compressed, or coded in another way.
    case unsupportedContentCoding(String)
    /// The body's media type, nil if there is none, is not accepted.
    case unsupportedMediaType(String?)
}
