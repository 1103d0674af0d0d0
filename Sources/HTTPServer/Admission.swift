/// What to do with the body of a request whose head has arrived.
public enum Admission: Sendable {
    /// Read the body, at most this many bytes, then call ``RequestHandler/handle(_:_:)``.
    ///
    /// A body must be a form, or, if `takesFiles`, can have any other media type.
    ///
    /// The server asks `reservation` for memory as the body arrives, keeps a reference to it while any of the body is
    /// in its memory, then passes it on in the request. The reservation's `deinit` can release what was set aside.
    case accept(maximumBodyBytes: Int, takesFiles: Bool = false, reservation: (any BodyReservation)? = nil)
    /// Send this response and do not use the body.
    case refuse(Response)
}
