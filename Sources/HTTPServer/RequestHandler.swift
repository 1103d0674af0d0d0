/// Answers requests.
///
/// The server calls all methods on its HTTP threads, so they must not block or compute for long.
public protocol RequestHandler: Sendable {
    /// Accepts or refuses a request by its head, before its body is read.
    func admit(_ head: RequestHead) -> Admission

    /// Answers a complete request through `exchange`, now or later.
    func handle(_ request: Request, _ exchange: Exchange)

    /// Returns the response to a request that the server refuses itself.
    func response(to failure: RequestFailure, of head: RequestHead) -> Response

    /// Called once for each request that was passed to this handler, at its end.
    ///
    /// - Parameters:
    ///   - status: the status of the response; nil if the connection ended before the whole response was sent.
    ///   - label: the response's label; nil if `status` is nil.
    ///   - duration: the time since the head arrived.
    func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration)
}
