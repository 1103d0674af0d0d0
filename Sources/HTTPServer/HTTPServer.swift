import CMicroHTTPD
import Dispatch
import Glibc
import Synchronization

/// An HTTP/1.1 server. It refuses ambiguous requests, parses forms as they arrive, and passes complete requests to its
/// handler.
///
/// To stop it, call `stopAccepting`, finish or cancel the requests that were accepted, then call `stop`.
public final class HTTPServer: Sendable {
    /// The port that the server listens on.
    public let port: Int

    private let core: ServerCore
    private let lifecycle: Mutex<Lifecycle>

    /// What exists only while the daemon runs. Sendable because it is only used under the lock of `lifecycle`.
    private struct Running: @unchecked Sendable {
        let daemon: OpaquePointer
        let callbacks: UnsafeMutablePointer<dd_mhd_callbacks>
        let socket: Int32
        var isAccepting = true
    }

    private enum Lifecycle {
        case running(Running)
        case stopped
    }

    /// Binds the address and starts to serve. The handler can be called before this returns.
    public init(configuration: HTTPServerConfiguration, handler: any RequestHandler) throws(HTTPServerError) {
        try configuration.validate()
        let listening = try ListeningSocket(host: configuration.host, port: configuration.port)
        let core: ServerCore
        do throws(HTTPServerError) {
            core = try ServerCore(configuration: configuration, handler: handler)
        } catch {
            close(listening.descriptor)
            throw error
        }
        // The lifecycle keeps `core` alive until the daemon has stopped.
        let callbacks = UnsafeMutablePointer<dd_mhd_callbacks>.allocate(capacity: 1)
        callbacks.initialize(to: ServerCore.callbacks(context: Unmanaged.passUnretained(core).toOpaque()))
        var options = dd_mhd_options(
            listening_socket: listening.descriptor,
            connection_limit: UInt32(
                configuration.connectionLimit + configuration.connectionReserve
                    + HTTPServerConfiguration.closingConnections),
            connection_limit_per_address: UInt32(configuration.connectionLimitPerAddress ?? 0),
            idle_timeout: UInt32(configuration.idleTimeout.roundedUpSeconds),
            threads: UInt32(configuration.threads),
            connection_memory: configuration.connectionMemory,
            is_ipv6: listening.isIPv6)
        guard let daemon = dd_mhd_start(&options, callbacks) else {
            // libmicrohttpd has closed the socket.
            callbacks.deallocate()
            core.watcher.stop()
            throw .cannotStart(reason: "the system gave libmicrohttpd no threads, file descriptors or memory")
        }
        self.core = core
        port = listening.port
        lifecycle = Mutex(
            .running(Running(daemon: daemon, callbacks: callbacks, socket: listening.descriptor)))
    }

    deinit { stop() }

    /// Refuses new connections from now on. Requests that have arrived are answered, and their connections closed.
    public func stopAccepting() {
        lifecycle.withLock { lifecycle in
            guard case .running(var running) = lifecycle, running.isAccepting else { return }
            Self.quiesce(&running, core)
            lifecycle = .running(running)
        }
    }

    /// Stops the server.
    ///
    /// Requests that wait for an answer are cancelled: their disconnect actions run and their clients get a 503.
    /// Responses that are being sent have `stopGrace` to finish. Then all connections are closed.
    ///
    /// A second call waits for the first and does nothing. Do not call this from a method of the handler, because it
    /// waits for the thread on which that method runs.
    public func stop() {
        lifecycle.withLock { lifecycle in
            guard case .running(var running) = lifecycle else { return }
            Self.quiesce(&running, core)
            // libmicrohttpd aborts the process if it is stopped while a connection is suspended, so resume them all.
            for exchange in core.watcher.refuseExchanges() {
                exchange.cancel(with: ServerCore.stoppingResponse)
            }
            _ = core.responsesUnderway.wait(timeout: .now() + core.configuration.stopGrace.dispatchInterval)
            // libmicrohttpd 0.9.75 crashes if it is stopped while it is about to answer a request itself: then
            // MHD_queue_response succeeds without a response. Without connections there is nothing to answer.
            core.watcher.closeAll(within: Self.closingTime)
            MHD_stop_daemon(running.daemon)
            close(running.socket)
            running.callbacks.deallocate()
            core.watcher.stop()
            lifecycle = .stopped
        }
    }

    /// How long libmicrohttpd has to notice that the connections are shut down. It takes milliseconds.
    private static let closingTime = DispatchTimeInterval.seconds(5)

    /// The number of requests in memory, from the arrival of their heads to their completion.
    package var liveRequestCount: Int { core.liveTransactions.load(ordering: .relaxed) }

    private static func quiesce(_ running: inout Running, _ core: ServerCore) {
        guard running.isAccepting else { return }
        running.isAccepting = false
        core.drain()
        _ = MHD_quiesce_daemon(running.daemon)
        // Shutting the socket down refuses clients at once. It is closed only after libmicrohttpd's threads have ended:
        // a thread might call accept on the number of the closed descriptor, which another file could have by then.
        shutdown(running.socket, Int32(SHUT_RDWR))
    }
}

extension Duration {
    /// The duration in whole seconds, rounded up.
    var roundedUpSeconds: Int64 {
        components.seconds + (components.attoseconds > 0 ? 1 : 0)
    }

    fileprivate var dispatchInterval: DispatchTimeInterval {
        .milliseconds(Int(self / .milliseconds(1)))
    }
}
