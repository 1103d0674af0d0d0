import CMicroHTTPD
import Synchronization

/// A response's body that is made while it is sent, such as events that have not happened yet.
///
/// The server asks for the next bytes whenever the client can take more, so that a slow client costs no memory.
public final class ResponseStream: Sendable {
    public enum Next: Sendable {
        /// The bytes to send next.
        case bytes([UInt8])
        /// There is nothing to send until somebody calls ``ResponseStream/wake()``.
        case nothingYet
        /// The body is complete.
        case end
    }

    private struct State {
        var suspended: SuspendedConnection?
        /// Whether `wake` was called since `next` was asked last.
        var hasNews = false
        /// Whether the client has disconnected or the server stops.
        var isCut = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let next: @Sendable () -> Next
    private let onEnd: @Sendable () -> Void

    /// - Parameters:
    ///   - next: makes the next bytes. It is called on an HTTP thread, so it must not block or compute for long.
    ///   - onEnd: called once when nothing more will be sent, whether the body is complete or the client has left.
    public init(next: @escaping @Sendable () -> Next, onEnd: @escaping @Sendable () -> Void = {}) {
        self.next = next
        self.onEnd = onEnd
    }

    /// Says that there may be something to send. Can be called from any thread.
    public func wake() {
        resume { $0.hasNews = true }
    }

    /// Ends the body early, because the client has disconnected or the server stops.
    func cut() {
        resume { $0.isCut = true }
    }

    private func resume(after change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            guard let suspended = state.suspended else { return }
            state.suspended = nil
            suspended.resume()
        }
    }

    /// What the reader does next. Call it on the connection's thread.
    ///
    /// - Parameter suspend: suspends the connection.
    func step(suspend: () -> SuspendedConnection) -> Step {
        while true {
            let isCut = state.withLock { state in
                state.hasNews = false
                return state.isCut
            }
            if isCut { return .fail }
            switch next() {
            case .bytes(let bytes) where bytes.isEmpty: continue
            case .bytes(let bytes): return .send(bytes)
            case .end: return .end
            case .nothingYet:
                let isSuspended = state.withLock { state in
                    if state.hasNews || state.isCut { return false }
                    state.suspended = suspend()
                    return true
                }
                if isSuspended { return .suspended }
            }
        }
    }

    enum Step {
        case send([UInt8])
        case suspended
        case end
        case fail
    }

    /// Called when libmicrohttpd does not need the body any more.
    func end() {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        if isFirst { onEnd() }
    }
}

/// A connection that is suspended and watched for the client's disconnect. Sendable because libmicrohttpd allows any
/// thread to resume a connection, which is all that other threads do with it.
///
/// Suspending or resuming a connection twice is undefined in libmicrohttpd, so both must happen under one lock.
struct SuspendedConnection: @unchecked Sendable {
    private let connection: OpaquePointer
    private let token: UInt
    private let watcher: ConnectionWatcher

    /// Suspends a connection. Call it on the connection's thread.
    init(suspending connection: OpaquePointer, token: UInt, watcher: ConnectionWatcher) {
        (self.connection, self.token, self.watcher) = (connection, token, watcher)
        // Watch before suspending, while the connection is certainly open.
        watcher.watchForDisconnect(token)
        MHD_suspend_connection(connection)
    }

    func resume() {
        // Unwatch before resuming: afterwards the descriptor may be closed and its number reused.
        watcher.unwatchForDisconnect(token)
        MHD_resume_connection(connection)
    }
}
