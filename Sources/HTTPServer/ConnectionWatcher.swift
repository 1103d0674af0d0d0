import CMicroHTTPD
import Glibc
import Synchronization

/// Does for connections what libmicrohttpd does not, from one thread of its own:
/// - notices clients that leave while their connection is suspended (the library does not look then);
/// - closes connections whose request or response takes too long in all (the library's timeout counts only
///   silence).
///
/// A client that only closes its sending side counts as gone: on TCP that cannot be told from a client that quit.
///
/// Locks: an exchange's lock may be held when the watcher's is taken, never the other way round.
final class ConnectionWatcher: Sendable {
    private struct Connection {
        let socket: Int32
        var deadline: ContinuousClock.Instant?
        var exchange: PendingExchange?
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
    /// How exactly deadlines are kept.
    private let tick: Duration
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread; it runs until `stop`.
    init(shortestDeadline: Duration) throws(HTTPServerError) {
        tick = min(.seconds(1), max(.milliseconds(10), shortestDeadline / 4))
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: 0))
        guard epoll >= 0, wakeup >= 0, epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(epoll)
            Glibc.close(wakeup)
            throw .cannotStart(reason: "no descriptors to watch connections with: \(reason)")
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
            throw .cannotStart(reason: "no thread to watch connections with: \(String(cString: strerror(code)))")
        }
        let started = handle
        thread.withLock { $0 = started }
    }

    /// Ends the thread. Only after the daemon has stopped; a second call does nothing.
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

    /// Takes a new connection under watch; gives its token.
    func open(socket: Int32, deadline: Duration) -> UInt {
        let (token, isFirst) = state.withLock { state in
            state.lastToken += 1
            state.connections[state.lastToken] = Connection(socket: socket, deadline: .now + deadline)
            return (state.lastToken, state.connections.count == 1)
        }
        if isFirst { wake() }
        return token
    }

    /// The library is about to close the connection's descriptor.
    func close(_ token: UInt) {
        state.withLock { _ = $0.connections.removeValue(forKey: token) }
    }

    /// Closes the connection if it comes to this again later than `deadline` from now; nil: never.
    func setDeadline(_ deadline: Duration?, for token: UInt) {
        state.withLock { $0.connections[token]?.deadline = deadline.map { .now + $0 } }
    }

    // MARK: Exchanges

    /// Registers the exchange that the connection's request waits for; false once the server stops.
    func begin(_ exchange: PendingExchange, on token: UInt) -> Bool {
        state.withLock { state in
            guard !state.refusesExchanges else { return false }
            state.connections[token]?.exchange = exchange
            state.connections[token]?.deadline = nil
            return true
        }
    }

    func end(_ token: UInt) {
        state.withLock { $0.connections[token]?.exchange = nil }
    }

    /// Refuses exchanges from now on, and gives those that are open.
    func refuseExchanges() -> [PendingExchange] {
        state.withLock { state in
            state.refusesExchanges = true
            return state.connections.values.compactMap(\.exchange)
        }
    }

    /// Abandons the connection's exchange when its client leaves. Where the system has no room for the watch, the
    /// work is simply done for nobody.
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
            // With no connection there is no deadline: sleep until one comes.
            let (isStopping, isIdle) = state.withLock { ($0.isStopping, $0.connections.isEmpty) }
            if isStopping { return }
            let count = epoll_wait(epoll, &events, Int32(events.count), isIdle ? -1 : Int32(tick / .milliseconds(1)))
            for event in events.prefix(max(0, Int(count))) {
                let token = UInt(event.data.u64)
                if token == 0 {
                    var value = eventfd_t()
                    eventfd_read(wakeup, &value)
                } else {
                    // A token whose exchange is settled meanwhile finds no exchange, or a deaf one.
                    state.withLock { $0.connections[token]?.exchange }?.abandon()
                }
            }
            closeOverdue()
        }
    }

    /// Shuts down the sockets past their deadlines; the library sees the end and cleans up.
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
