import CMicroHTTPD
import Synchronization

/// A request that the handler has got. Its connection is suspended until the request is answered or the client has
/// disconnected.
///
/// Suspending or resuming a connection twice is undefined in libmicrohttpd. One lock therefore protects both the
/// outcome and these two calls: the thread that sets the outcome also resumes the connection.
final class PendingExchange: Exchange {
    enum Outcome {
        case pending
        case answered(Response)
        /// The client has disconnected.
        case abandoned
    }

    private struct State {
        var outcome = Outcome.pending
        var suspended: SuspendedConnection?
        var disconnectActions: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let server: ServerCore
    private let token: UInt

    init(server: ServerCore, token: UInt) {
        self.server = server
        self.token = token
    }

    func respond(_ response: Response) {
        _ = settle(.answered(response))
    }

    func onDisconnect(_ action: @escaping @Sendable () -> Void) {
        let isAbandoned = state.withLock { state in
            switch state.outcome {
            case .pending:
                state.disconnectActions.append(action)
                return false
            case .answered: return false
            case .abandoned: return true
            }
        }
        if isAbandoned { action() }
    }

    /// Called when the client has disconnected. Runs the disconnect actions unless the request was answered.
    func abandon() {
        for action in settle(.abandoned) { action() }
    }

    /// Cancels the request because the server stops: sends `response` and runs the disconnect actions.
    func cancel(with response: Response) {
        for action in settle(.answered(response)) { action() }
    }

    /// Suspends `connection` if the outcome is pending. Call it on the connection's thread.
    ///
    /// - Returns: the outcome.
    func suspendUnlessSettled(_ connection: OpaquePointer) -> Outcome {
        state.withLock { state in
            if case .pending = state.outcome {
                // If the client disconnects at once, `abandon` waits for the lock.
                state.suspended = SuspendedConnection(suspending: connection, token: token, watcher: server.watcher)
            }
            return state.outcome
        }
    }

    var outcome: Outcome { state.withLock { $0.outcome } }

    /// Sets the outcome if it is pending, and resumes the connection if it is suspended.
    ///
    /// - Returns: the disconnect actions, so that the caller can run or free them outside the lock.
    private func settle(_ outcome: Outcome) -> [@Sendable () -> Void] {
        state.withLock { state in
            guard case .pending = state.outcome else { return [] }
            state.outcome = outcome
            if case .answered = outcome { server.responsesUnderway.enter() }
            if let suspended = state.suspended {
                state.suspended = nil
                suspended.resume()
            }
            let actions = state.disconnectActions
            state.disconnectActions = []
            return actions
        }
    }
}
