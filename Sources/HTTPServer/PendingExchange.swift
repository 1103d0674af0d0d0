import CMicroHTTPD
import Synchronization

/// A request that has been handed to the handler: suspended until it is answered, or its client is gone.
///
/// The library suspends and resumes a connection once; doing either twice is undefined. So one lock guards the
/// outcome *and* the two calls: whoever settles the outcome first resumes, and no one else does.
final class PendingExchange: Exchange {
    enum Outcome {
        case pending
        case answered(Response)
        /// The client left; nobody reads an answer.
        case abandoned
    }

    /// A suspended connection. Sendable because the library lets any thread resume one, and nothing else is done
    /// with it outside the library's thread.
    private struct Suspended: @unchecked Sendable {
        let connection: OpaquePointer
    }

    private struct State {
        var outcome = Outcome.pending
        var suspended: Suspended?
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

    /// The client left before it was answered.
    func abandon() {
        for action in settle(.abandoned) { action() }
    }

    /// The server stops: cancels the work as if the client had left, but tells the client.
    func cancel(with response: Response) {
        for action in settle(.answered(response)) { action() }
    }

    /// Suspends `connection` where the outcome is still open, and gives the outcome. On the library's thread, from
    /// the access handler.
    func suspendUnlessSettled(_ connection: OpaquePointer) -> Outcome {
        let suspended = Suspended(connection: connection)
        return state.withLock { state in
            if case .pending = state.outcome {
                // First the watch, while the descriptor is surely this connection's; an event waits for the lock.
                server.watcher.watchForDisconnect(token)
                MHD_suspend_connection(suspended.connection)
                state.suspended = suspended
            }
            return state.outcome
        }
    }

    /// The outcome with which the connection was resumed.
    var outcome: Outcome { state.withLock { $0.outcome } }

    /// Sets the outcome if it is open and resumes the connection if it is suspended. Gives the actions for a
    /// disconnect, so that they run, or are freed, outside the lock.
    private func settle(_ outcome: Outcome) -> [@Sendable () -> Void] {
        state.withLock { state in
            guard case .pending = state.outcome else { return [] }
            state.outcome = outcome
            if case .answered = outcome { server.responsesUnderway.enter() }
            if let suspended = state.suspended {
                state.suspended = nil
                // Once resumed, the library may close the descriptor and the system may give its number away.
                server.watcher.unwatchForDisconnect(token)
                MHD_resume_connection(suspended.connection)
            }
            let actions = state.disconnectActions
            state.disconnectActions = []
            return actions
        }
    }
}
