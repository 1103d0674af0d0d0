import CMicroHTTPD
import Dispatch
import Glibc

/// The open connections of a server, what each is doing, and which of them must make room for new ones. It belongs to
/// the `ConnectionWatcher`, and is used under its lock only.
struct WatchedConnections {
    /// libmicrohttpd's connection. Sendable because it is only used on the thread that reads it.
    struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
        let thread = pthread_self()
    }

    struct Connection {
        let handle: Handle
        let socket: Int32
        /// The target of the request whose header fields are arriving. Only meanwhile are there fields to be read.
        var target: String?
        /// When the connection is closed.
        var deadline: ContinuousClock.Instant?
        var exchange: PendingExchange?
        var stream: ResponseStream?
        fileprivate(set) var phase = Phase.idle
        /// Whether the socket is shut down, and libmicrohttpd will notice.
        fileprivate(set) var isShutDown = false
    }

    enum Phase {
        /// Waits for a head.
        case idle
        /// A body is arriving.
        case receiving(UploadWatch)
        /// A response is being made or sent.
        case busy
        /// A response was sent past libmicrohttpd; the socket is closed when the client has had time to read it.
        case answered(status: Int, label: String?)
    }

    /// How many connections can have a request at once.
    private let requestLimit: Int
    /// How many can be open at once. Those beyond `requestLimit` wait for a request, or are for health checks.
    private let limit: Int
    var connections: [UInt: Connection] = [:]
    var refusesExchanges = false
    var isStopping = false
    private var lastToken: UInt = 0
    private var shutDownCount = 0
    /// Signalled when the last connection is closed. Not nil once all are to be closed, also those that still come.
    private var allClosed: DispatchSemaphore?

    // The connections that can be closed for new ones, each kind by itself, so that those with a request need not be
    // looked through for each new one.
    /// Clients that have left in the middle of a body.
    private var departed: Set<UInt> = []
    /// Requests beyond `requestLimit`.
    private var surplus: Set<UInt> = []
    /// Connections that wait for a request, with the order in which they began to.
    private var waiting: [UInt: UInt] = [:]
    private var lastWait: UInt = 0

    init(requestLimit: Int, limit: Int) {
        (self.requestLimit, self.limit) = (requestLimit, limit)
    }

    private var openCount: Int { connections.count - shutDownCount }

    /// Adds a connection, for which room is made.
    mutating func open(_ handle: Handle, socket: Int32, deadline: ContinuousClock.Instant) -> UInt {
        makeRoom()
        lastToken += 1
        connections[lastToken] = Connection(handle: handle, socket: socket, deadline: deadline)
        setPhase(.idle, of: lastToken)
        if allClosed != nil { shutDown(lastToken) }
        return lastToken
    }

    /// Shuts a connection down if there are too many: one whose client has left, else the oldest request beyond the
    /// limit, else the connection that has waited longest for a request. So a new one has some time to send its head,
    /// also if very many are opened at once.
    private mutating func makeRoom() {
        guard openCount >= limit else { return }
        let token = departed.first ?? surplus.min() ?? waiting.min { $0.value < $1.value }?.key
        if let token { shutDown(token) }
    }

    /// Shuts a connection's socket down. libmicrohttpd notices and closes it.
    mutating func shutDown(_ token: UInt) {
        guard let connection = connections[token], !connection.isShutDown else { return }
        connections[token]?.deadline = nil
        connections[token]?.isShutDown = true
        shutDownCount += 1
        forgetPhase(of: token)
        shutdown(connection.socket, Int32(SHUT_RDWR))
    }

    /// Forgets a connection.
    mutating func close(_ token: UInt) {
        forgetPhase(of: token)
        let connection = connections.removeValue(forKey: token)
        if connection?.isShutDown == true { shutDownCount -= 1 }
        if connections.isEmpty { allClosed?.signal() }
    }

    /// Shuts all connections down, also those that are still opened.
    mutating func closeAll(signalling allClosed: DispatchSemaphore) {
        self.allClosed = allClosed
        for token in connections.keys { shutDown(token) }
    }

    /// Notes that a head has arrived.
    ///
    /// - Returns: whether it is one request too many, which is only answered if it is a health check.
    mutating func beginRequest(_ token: UInt) -> Bool {
        // It was closed for a new one just now.
        guard connections[token]?.isEnding == false else { return true }
        setPhase(.busy, of: token)
        connections[token]?.target = nil
        guard openCount - waiting.count - departed.union(surplus).count > requestLimit else { return false }
        surplus.insert(token)
        return true
    }

    /// Notes that a request has ended, and the next one is waited for.
    mutating func endRequest(_ token: UInt) {
        surplus.remove(token)
        setPhase(.idle, of: token)
    }

    /// Notes that the client has closed its sending side.
    mutating func depart(_ token: UInt) {
        guard case .receiving(var upload) = connections[token]?.phase else { return }
        upload.close()
        setPhase(.receiving(upload), of: token)
    }

    /// Changes the phase of a connection that is not ending.
    mutating func setPhase(_ phase: Phase, of token: UInt) {
        guard connections[token]?.isEnding == false else { return }
        connections[token]?.phase = phase
        departed.remove(token)
        waiting[token] = nil
        switch phase {
        case .idle:
            lastWait += 1
            waiting[token] = lastWait
        case .receiving(let upload) where upload.isClosed: departed.insert(token)
        case .receiving, .busy, .answered: break
        }
    }

    private mutating func forgetPhase(of token: UInt) {
        departed.remove(token)
        surplus.remove(token)
        waiting[token] = nil
    }
}

extension WatchedConnections.Connection {
    /// Whether it waits for a head.
    var isIdle: Bool { if case .idle = phase { !isShutDown } else { false } }

    /// Whether a body arrives, to which nothing was answered yet.
    var isReceiving: Bool { if case .receiving = phase { !isShutDown } else { false } }

    /// Whether it is shut down, or will be after an answer that was sent past libmicrohttpd.
    var isEnding: Bool { if case .answered = phase { true } else { isShutDown } }
}
