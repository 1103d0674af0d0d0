/// A request whose whole body has arrived.
public struct Request: Sendable {
    public let head: RequestHead
    /// The fields of the form, in order; empty if the request has no body.
    public let form: [FormField]
    /// The reservation that ``RequestHandler/admit(_:)`` returned. Keep a reference to it as long as you keep the form.
    public let reservation: (any AnyObject & Sendable)?
}
