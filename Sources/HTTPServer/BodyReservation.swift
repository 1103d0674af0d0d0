/// Sets memory aside for a body as it arrives.
public protocol BodyReservation: AnyObject, Sendable {
    /// Takes memory for as many more bytes. Called on an HTTP thread for each piece of the body.
    ///
    /// - Returns: false if there is none; the request then fails with `RequestFailure.noMemory`.
    func take(_ bytes: Int) -> Bool
}
