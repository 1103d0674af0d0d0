import CMicroHTTPD
import Dispatch
import Glibc
import Synchronization

/// A thread that does what libmicrohttpd does not do:
/// - It notices clients that disconnect while their connection is suspended, or in the middle of a body.
/// - It closes connections whose head or response takes too long in total. libmicrohttpd's timeout is only for
///   connections on which nothing is sent.
/// - It answers bodies that arrive too slowly, and those that go on after they were refused. libmicrohttpd can send no
///   response while a body arrives.
/// - It makes room for new connections by closing those that have waited longest for a request.
///
/// A client that only closes its sending side counts as disconnected, because TCP gives no way to tell the difference.
///
/// Lock order: first the lock of the exchange or the stream, then the watcher's.
final class ConnectionWatcher: Sendable {
    /// How long a client has to read a response that was sent past libmicrohttpd.
    private static let lingering = Duration.seconds(2)

    private let state: Mutex<WatchedConnections>
    private let epoll: Int32
    private let wakeup: Int32
    /// How often deadlines are checked.
    private let tick: Duration
    private let configuration: HTTPServerConfiguration
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread, which runs until `stop` is called.
    init(_ configuration: HTTPServerConfiguration) throws(HTTPServerError) {
        self.configuration = configuration
        state = Mutex(
            WatchedConnections(
                requestLimit: configuration.connectionLimit,
                limit: configuration.connectionLimit + configuration.connectionReserve))
        let shortest = min(configuration.uploadDeadline, configuration.responseDeadline)
        tick = min(.seconds(1), max(.milliseconds(10), shortest / 4))
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

    /// Registers a new connection, for which room is made if there are too many.
    ///
    /// - Parameter handle: libmicrohttpd's connection, on whose thread this is called.
    /// - Returns: the token that identifies the connection in other calls.
    func open(_ handle: OpaquePointer, socket: Int32) -> UInt {
        let handle = WatchedConnections.Handle(pointer: handle)
        let (token, isFirst) = state.withLock { state in
            let token = state.open(handle, socket: socket, deadline: .now + configuration.headDeadline)
            return (token, state.connections.count == 1)
        }
        if isFirst { wake() }
        return token
    }

    /// Forgets a connection. Call it before the connection's descriptor is closed.
    func close(_ token: UInt) {
        state.withLock { $0.close(token) }
    }

    /// Shuts all connections down, and waits until libmicrohttpd has closed them, but not longer than `limit`.
    func closeAll(within limit: DispatchTimeInterval) {
        let allClosed = DispatchSemaphore(value: 0)
        let isEmpty = state.withLock { state in
            state.closeAll(signalling: allClosed)
            return state.connections.isEmpty
        }
        if !isEmpty { _ = allClosed.wait(timeout: .now() + limit) }
    }

    /// Closes the connection after `deadline`, unless this is called again before; nil for never.
    func setDeadline(_ deadline: Duration?, for token: UInt) {
        state.withLock { $0.connections[token]?.deadline = deadline.map { .now + $0 } }
    }

    /// Notes that a head has arrived.
    ///
    /// - Returns: whether it is one request too many, which is only answered if it is a health check.
    func beginRequest(_ token: UInt) -> Bool {
        state.withLock { $0.beginRequest(token) }
    }

    /// Notes that the first line of a head has arrived.
    func beginHead(_ token: UInt, target: String) {
        state.withLock { state in
            state.connections[token]?.target = target
            state.connections[token]?.deadline = .now + configuration.headTime
        }
    }

    /// The target, as it was sent, of the request whose head arrives.
    func target(of token: UInt) -> String? {
        state.withLock { $0.connections[token]?.target }
    }

    /// Notes that a head is not handed over.
    func endHead(_ token: UInt) {
        state.withLock { $0.connections[token]?.target = nil }
    }

    /// The requests that this thread reads and whose heads have not been handed over, with the header fields that have
    /// arrived. Call it on a thread of libmicrohttpd.
    func unreadRequests() -> [(token: UInt, path: String, headers: Headers, peer: String)] {
        let thread = pthread_self()
        let connections = state.withLock { state in
            state.connections.compactMap { token, connection in
                connection.handle.thread == thread ? connection.target.map { (token, $0, connection.handle) } : nil
            }
        }
        return connections.map { token, target, handle in
            (
                token, String(target.prefix { $0 != "?" }), HeaderCollector.headers(of: handle.pointer),
                PeerAddress.text(of: dd_mhd_peer(handle.pointer))
            )
        }
    }

    /// Answers a request whose head is refused, past libmicrohttpd, which then finds the socket closed for sending.
    func refuse(_ token: UInt, with response: Response) {
        state.withLock { state in
            guard let connection = state.connections[token], connection.isIdle else { return }
            send(response, to: token, of: connection, in: &state)
        }
    }

    // MARK: Bodies

    /// Notes that the body of a connection's request begins to arrive.
    ///
    /// - Parameter answer: makes the response to a body that arrives too slowly. It is called on the watcher's thread.
    func beginUpload(_ token: UInt, answer: @escaping @Sendable (RequestFailure) -> Response) {
        state.withLock { state in
            state.setPhase(.receiving(UploadWatch(answer: answer)), of: token)
            state.connections[token]?.deadline = nil
        }
        watchForDisconnect(token)
    }

    /// Notes that a piece of the body has arrived.
    func receive(_ count: Int, on token: UInt) {
        state.withLock { state in
            guard case .receiving(var upload) = state.connections[token]?.phase else { return }
            upload.receive(count)
            state.setPhase(.receiving(upload), of: token)
        }
    }

    /// Notes that the body has ended, and a response is made.
    ///
    /// - Returns: false if the request was answered already, because the body was too slow.
    func endUpload(_ token: UInt) -> Bool {
        state.withLock { state in
            guard state.connections[token]?.isEnding == false else { return false }
            state.setPhase(.busy, of: token)
            return true
        }
    }

    /// Answers a request whose body still arrives, past libmicrohttpd, and closes the connection a moment later.
    func answer(_ token: UInt, with response: Response) {
        state.withLock { answer(token, with: response, in: &$0) }
    }

    private func answer(_ token: UInt, with response: Response, in state: inout WatchedConnections) {
        guard let connection = state.connections[token], connection.isReceiving else { return }
        send(response, to: token, of: connection, in: &state)
    }

    private func send(
        _ response: Response, to token: UInt, of connection: WatchedConnections.Connection,
        in state: inout WatchedConnections
    ) {
        // Under the lock, because the descriptor is closed only after `close`, which needs it.
        response.send(to: connection.socket)
        state.setPhase(.answered(status: response.sentStatus, label: response.label), of: token)
        state.connections[token]?.deadline = .now + Self.lingering
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
    ///
    /// - Returns: the response that was sent past libmicrohttpd, if there was one.
    func end(_ token: UInt) -> (status: Int, label: String?)? {
        state.withLock { state in
            state.connections[token]?.exchange = nil
            state.connections[token]?.stream = nil
            if case .answered(let status, let label) = state.connections[token]?.phase {
                // The connection is closed in any case; it must not count as one that waits.
                return (status, label)
            }
            state.endRequest(token)
            state.connections[token]?.deadline = .now + configuration.headDeadline
            return nil
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

    /// Watches for the client's disconnect, which abandons the connection's exchange, cuts its stream or ends its body.
    ///
    /// If the system cannot watch another socket, a disconnect goes unnoticed and the work is done in vain.
    func watchForDisconnect(_ token: UInt) {
        state.withLock { state in
            guard let socket = state.connections[token]?.socket else { return }
            var event = epoll_event(
                events: EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue, data: epoll_data_t(u64: UInt64(token)))
            // It may be known from its body, or from an earlier request.
            if epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0 {
                epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event)
            }
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
                    let connection = state.withLock { state -> WatchedConnections.Connection? in
                        state.depart(token)
                        return state.connections[token]
                    }
                    connection?.exchange?.abandon()
                    connection?.stream?.cut()
                }
            }
            closeOverdue()
        }
    }

    /// Closes connections that are past their deadlines, and answers bodies that are too slow.
    private func closeOverdue() {
        let now = ContinuousClock.now
        let slow = state.withLock { state -> [(token: UInt, upload: UploadWatch, failure: RequestFailure)] in
            var slow: [(UInt, UploadWatch, RequestFailure)] = []
            for (token, connection) in state.connections where !connection.isShutDown {
                if case .receiving(let upload) = connection.phase {
                    switch upload.verdict(at: now, configuration) {
                    case .mayGoOn: break
                    case .tooSlow(let failure): slow.append((token, upload, failure))
                    case .abandoned: state.shutDown(token)
                    }
                } else if let deadline = connection.deadline, deadline <= now {
                    state.shutDown(token)
                }
            }
            return slow
        }
        for (token, upload, failure) in slow {
            // The handler makes it, so not under the lock.
            let response = upload.answer(failure)
            answer(token, with: response)
        }
    }
}
