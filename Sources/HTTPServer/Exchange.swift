/// The way to answer one request.
public protocol Exchange: Sendable {
    /// Sends the response. Only the first call has an effect. Can be called from any thread.
    func respond(_ response: Response)

    /// Runs `action` once if the client disconnects before it is answered; at once if it already has.
    func onDisconnect(_ action: @escaping @Sendable () -> Void)
}
