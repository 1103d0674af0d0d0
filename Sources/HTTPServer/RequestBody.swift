/// A request's body.
public enum RequestBody: Sendable {
    case none
    /// The fields of a form, in order.
    case form([FormField])
    /// Anything else, as it was sent. Its media type is in the head.
    case file([UInt8])
}
