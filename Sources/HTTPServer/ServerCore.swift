import CMicroHTTPD
import Dispatch
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

    init(configuration: HTTPServerConfiguration, handler: any RequestHandler) throws(HTTPServerError) {
        self.configuration = configuration
        self.handler = handler
        watcher = try ConnectionWatcher(configuration)
    }

    /// Closes each connection after its next response, from now on.
    func drain() { draining.store(true, ordering: .relaxed) }
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// The answer to requests that are waiting when the server stops.
    static let stoppingResponse = Response(
        status: 503,
        headers: ["Content-Type": "text/plain; charset=utf-8", "Connection": "close", "Retry-After": "5"],
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
            completed: { _, _, request, wasSent in
                guard let known = request.pointee else { return }
                request.pointee = nil
                Unmanaged<Transaction>.fromOpaque(known).takeRetainedValue().complete(wasSent: wasSent)
            },
            opened: { context, socket in
                guard let context else { return 0 }
                return serverCore(context).watcher.open(socket: socket)
            },
            closed: { context, token in
                guard let context else { return }
                serverCore(context).watcher.close(token)
            })
    }
}

private func serverCore(_ context: UnsafeMutableRawPointer) -> ServerCore {
    Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
}
