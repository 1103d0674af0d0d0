/// What the server does with the body of a request whose head has arrived.
public enum Admission: Sendable {
    /// Read the body, at most this many bytes, then call `handle`. The server keeps `holding` as long as the body may
    /// be in its memory, and hands it on with the request.
    case accept(maximumBodyBytes: Int, reservation: (any AnyObject & Sendable)? = nil)
    /// Answer now, without reading a body.
    case refuse(Response)
}

/// A request that failed before it reached `handle`.
public enum RequestFailure: Error, Sendable, Equatable {
    /// The framing or the head breaks HTTP's rules; the reason is for the client.
    case malformedHead(reason: String)
    /// A form body that cannot be parsed, or is cut short.
    case malformedForm(reason: String)
    /// The body's length, announced or met, is more than `maximumBytes`.
    case bodyTooLarge(maximumBytes: Int)
    /// A body in a type that is not a form.
    case unsupportedMediaType(String?)
}

/// Answers requests. Every method is called on the HTTP library's threads, so none may block or compute.
public protocol RequestHandler: Sendable {
    /// Decides from the head alone.
    func admit(_ head: RequestHead) -> Admission

    /// Answers a whole request now or later, through `exchange`.
    func handle(_ request: Request, _ exchange: Exchange)

    /// The response to a request that the server refuses itself.
    func response(to failure: RequestFailure, of head: RequestHead) -> Response

    /// Called once for each request that got a head, when its response is sent (with that one's status and label) or its
    /// connection gone (with neither).
    func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration)
}

/// The one answer that a request waits for.
public protocol Exchange: Sendable {
    /// Sends the response; the first call counts, later ones do nothing. Any thread may call.
    func respond(_ response: Response)

    /// Runs `action` once if the client leaves before the response was given; at once if it has left already.
    func onDisconnect(_ action: @escaping @Sendable () -> Void)
}
