import CMicroHTTPD
import Dispatch
import Glibc
import Synchronization

/// What libmicrohttpd's callbacks need. It lives at least as long as the daemon.
final class ServerCore: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: any RequestHandler
    let watcher: ConnectionWatcher
    /// Entered for each response that the handler gave, and left when it is sent or its connection has ended.
    let responsesUnderway = DispatchGroup()
    /// The number of transactions in memory.
    let liveTransactions = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    /// The statuses with which libmicrohttpd answers bodies itself, by the thread that does so.
    private let bodyRefusals = Mutex<[pthread_t: Int]>([:])

    init(configuration: HTTPServerConfiguration, handler: any RequestHandler) throws(HTTPServerError) {
        self.configuration = configuration
        self.handler = handler
        watcher = try ConnectionWatcher(configuration)
    }

    /// Closes each connection after its next response, from now on.
    func drain() { draining.store(true, ordering: .relaxed) }
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Called when libmicrohttpd is about to answer a request itself, on the thread that has read the request. It does
    /// not say which one it is.
    ///
    /// - Parameter isInBody: whether it is because of the body, so that there is a transaction.
    private func libraryRefuses(status: Int, isInBody: Bool) {
        if isInBody { return bodyRefusals.withLock { $0[pthread_self()] = status } }
        let unread = watcher.unreadRequests().filter { BodyFraming.hasUnusableLength($0.headers) }
        guard !unread.isEmpty else {
            let head = RequestHead(path: "", headers: Headers(), peer: "unknown")
            return handler.completed(head, status: status, label: nil, duration: .zero)
        }
        // libmicrohttpd 0.9.75 would send the head of its answer twice. Any of these requests must be refused.
        for request in unread {
            let head = RequestHead(path: request.path, headers: request.headers, peer: request.peer)
            let response = handler.response(to: BodyFraming.unusableLength, of: head)
            watcher.refuse(request.token, with: response)
            handler.completed(head, status: response.sentStatus, label: response.label, duration: .zero)
        }
    }

    /// The status with which libmicrohttpd has answered the body of a transaction that is completed.
    func takeBodyRefusal() -> Int? { bodyRefusals.withLock { $0.removeValue(forKey: pthread_self()) } }

    /// The answer to requests that are waiting when the server stops.
    static let stoppingResponse = Response(
        status: 503,
        headers: [
            "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Connection": "close",
            "Retry-After": "5",
        ],
        body: Array("The server is stopping.\n".utf8))

    /// The functions that libmicrohttpd calls.
    ///
    /// - Parameter context: an unretained `ServerCore`.
    static func callbacks(context: UnsafeMutableRawPointer) -> dd_mhd_callbacks {
        dd_mhd_callbacks(
            context: context,
            step: { context, connection, target, method, version, data, size, request in
                guard let context else { return false }
                guard let known = request.pointee else {
                    let transaction = Transaction(
                        server: serverCore(context), connection: connection, target: target, method: method,
                        version: version)
                    // Released in `completed`, which is called once for each request that gets here.
                    request.pointee = Unmanaged.passRetained(transaction).toOpaque()
                    return transaction.begin()
                }
                let transaction = Unmanaged<Transaction>.fromOpaque(known).takeUnretainedValue()
                guard size.pointee > 0 else { return transaction.finish() }
                let bytes = UnsafeRawBufferPointer(start: data, count: size.pointee)
                size.pointee = 0
                return transaction.receive(bytes)
            },
            begun: { context, connection, target in
                guard let context else { return }
                serverCore(context).watcher.beginHead(
                    dd_mhd_token(connection), target: target.map { String(cString: $0) } ?? "")
            },
            completed: { context, connection, request, wasSent in
                guard let known = request.pointee else {
                    // Its head was not handed over.
                    if let context { serverCore(context).watcher.endHead(dd_mhd_token(connection)) }
                    return
                }
                request.pointee = nil
                Unmanaged<Transaction>.fromOpaque(known).takeRetainedValue().complete(wasSent: wasSent)
            },
            opened: { context, connection, socket in
                guard let context else { return 0 }
                return serverCore(context).watcher.open(connection, socket: socket)
            },
            closed: { context, token in
                guard let context else { return }
                serverCore(context).watcher.close(token)
            },
            refusing: { context, status, isInBody in
                guard let context else { return }
                serverCore(context).libraryRefuses(status: Int(status), isInBody: isInBody)
            })
    }
}

private func serverCore(_ context: UnsafeMutableRawPointer) -> ServerCore {
    Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
}
