/// A request whose whole body has arrived.
public struct Request: Sendable {
    public let head: RequestHead
    public let body: RequestBody
    /// The reservation that ``RequestHandler/admit(_:)`` returned. Keep a reference to it as long as you keep the body.
    public let reservation: (any BodyReservation)?

    /// The fields of the form, in order; empty if the body is not a form.
    public var form: [FormField] {
        if case .form(let fields) = body { fields } else { [] }
    }
}
