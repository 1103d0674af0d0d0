import CMicroHTTPD
import Glibc
import Synchronization

/// A thread that does two things which libmicrohttpd does not do:
/// - It notices clients that disconnect while their connection is suspended.
/// - It closes connections whose request or response takes too long in total. libmicrohttpd's timeout is only for
///   connections on which nothing is sent.
///
/// A client that only closes its sending side counts as disconnected, because TCP gives no way to tell the difference.
///
/// Lock order: first the lock of the exchange or the stream, then the watcher's.
final class ConnectionWatcher: Sendable {
    private struct Connection {
        let socket: Int32
        var deadline: ContinuousClock.Instant?
        var exchange: PendingExchange?
        var stream: ResponseStream?
    }

    private struct State {
        var connections: [UInt: Connection] = [:]
        var lastToken: UInt = 0
        var refusesExchanges = false
        var isStopping = false
    }

    private let state = Mutex(State())
    private let epoll: Int32
    private let wakeup: Int32
    /// How often deadlines are checked.
    private let tick: Duration
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread, which runs until `stop` is called.
    init(shortestDeadline: Duration) throws(HTTPServerError) {
        tick = min(.seconds(1), max(.milliseconds(10), shortestDeadline / 4))
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 0))
        guard epoll >= 0, wakeup >= 0, epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(epoll)
            Glibc.close(wakeup)
            throw .cannotStart(reason: "the system gave no file descriptor for watching connections: \(reason)")
        }
        var handle = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &handle, nil,
            { context in
                if let context { Unmanaged<ConnectionWatcher>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            Glibc.close(epoll)
            Glibc.close(wakeup)
            let reason = String(cString: strerror(code))
            throw .cannotStart(reason: "the system gave no thread for watching connections: \(reason)")
        }
        let started = handle
        thread.withLock { $0 = started }
    }

    /// Ends the thread. Call it after the daemon has stopped; a second call does nothing.
    func stop() {
        guard
            let handle = thread.withLock({ handle in
                defer { handle = nil }
                return handle
            })
        else { return }
        state.withLock { $0.isStopping = true }
        wake()
        pthread_join(handle, nil)
        Glibc.close(epoll)
        Glibc.close(wakeup)
    }

    // MARK: Connections

    /// Registers a new connection.
    ///
    /// - Returns: the token that identifies the connection in other calls.
    func open(socket: Int32, deadline: Duration) -> UInt {
        let (token, isFirst) = state.withLock { state in
            state.lastToken += 1
            state.connections[state.lastToken] = Connection(socket: socket, deadline: .now + deadline)
            return (state.lastToken, state.connections.count == 1)
        }
        if isFirst { wake() }
        return token
    }

    /// Forgets a connection. Call it before the connection's descriptor is closed.
    func close(_ token: UInt) {
        state.withLock { _ = $0.connections.removeValue(forKey: token) }
    }

    /// Closes the connection after `deadline`, unless this is called again before; nil for never.
    func setDeadline(_ deadline: Duration?, for token: UInt) {
        state.withLock { $0.connections[token]?.deadline = deadline.map { .now + $0 } }
    }

    // MARK: Exchanges

    /// Registers the exchange through which the connection's request will be answered.
    ///
    /// - Returns: false if the server is stopping and the exchange was not registered.
    func begin(_ exchange: PendingExchange, on token: UInt) -> Bool {
        state.withLock { state in
            guard !state.refusesExchanges else { return false }
            state.connections[token]?.exchange = exchange
            state.connections[token]?.deadline = nil
            return true
        }
    }

    /// Registers the stream that the connection's response sends. If the server is stopping, the stream is cut.
    func begin(_ stream: ResponseStream, on token: UInt) {
        let isRefused = state.withLock { state in
            state.connections[token]?.stream = stream
            return state.refusesExchanges
        }
        if isRefused { stream.cut() }
    }

    /// Forgets the exchange and the stream of a connection, whose request has ended.
    func end(_ token: UInt) {
        state.withLock { state in
            state.connections[token]?.exchange = nil
            state.connections[token]?.stream = nil
        }
    }

    /// Refuses new exchanges from now on, and cuts streams.
    ///
    /// - Returns: the exchanges that are open.
    func refuseExchanges() -> [PendingExchange] {
        let (exchanges, streams) = state.withLock { state in
            state.refusesExchanges = true
            return (state.connections.values.compactMap(\.exchange), state.connections.values.compactMap(\.stream))
        }
        for stream in streams { stream.cut() }
        return exchanges
    }

    /// Watches for the client's disconnect, which abandons the connection's exchange or cuts its stream.
    ///
    /// If the system cannot watch another socket, a disconnect goes unnoticed and the work is done in vain.
    func watchForDisconnect(_ token: UInt) {
        state.withLock { state in
            guard let socket = state.connections[token]?.socket else { return }
            var event = epoll_event(events: EPOLLRDHUP.rawValue, data: epoll_data_t(u64: UInt64(token)))
            epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
        }
    }

    func unwatchForDisconnect(_ token: UInt) {
        state.withLock { state in
            guard let socket = state.connections[token]?.socket else { return }
            var unused = epoll_event()
            epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &unused)
        }
    }

    // MARK: The thread

    private func wake() {
        eventfd_write(wakeup, 1)
    }

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            // Without connections there are no deadlines: sleep until there is a connection.
            let (isStopping, isIdle) = state.withLock { ($0.isStopping, $0.connections.isEmpty) }
            if isStopping { return }
            let count = epoll_wait(epoll, &events, Int32(events.count), isIdle ? -1 : Int32(tick / .milliseconds(1)))
            for event in events.prefix(max(0, Int(count))) {
                let token = UInt(event.data.u64)
                if token == 0 {
                    var value = eventfd_t()
                    eventfd_read(wakeup, &value)
                } else {
                    // If the exchange has been settled in the meantime, abandoning it does nothing.
                    let connection = state.withLock { $0.connections[token] }
                    connection?.exchange?.abandon()
                    connection?.stream?.cut()
                }
            }
            closeOverdue()
        }
    }

    /// Shuts down the sockets of connections that are past their deadlines. libmicrohttpd notices and closes them.
    private func closeOverdue() {
        let now = ContinuousClock.now
        state.withLock { state in
            for (token, connection) in state.connections {
                guard let deadline = connection.deadline, deadline <= now else { continue }
                state.connections[token]?.deadline = nil
                shutdown(connection.socket, Int32(SHUT_RDWR))
            }
        }
    }
}
