import CMicroHTTPD
import Dispatch
import Glibc
import Synchronization

/// An HTTP/1.1 server: it listens, guards the framing of requests, parses forms as they stream in, and hands whole
/// requests to its handler.
///
/// Stop it in this order: `stopAccepting`, finish or cancel the work in hand, `stop`.
public final class HTTPServer: Sendable {
    /// The port that the server listens on.
    public let port: Int

    private let core: ServerCore
    private let lifecycle: Mutex<Lifecycle>

    /// What exists only while the daemon runs. Sendable because only the lifecycle's lock gives access to it.
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

    /// Binds the address and starts to serve. Requests may reach `handler` before this returns.
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
            connection_limit: UInt32(configuration.connectionLimit),
            connection_limit_per_address: UInt32(configuration.connectionLimitPerAddress ?? 0),
            idle_timeout: UInt32(configuration.idleTimeout.roundedUpSeconds),
            threads: UInt32(configuration.threads),
            connection_memory: configuration.connectionMemory,
            is_ipv6: listening.isIPv6)
        guard let daemon = dd_mhd_start(&options, callbacks) else {
            // The library has closed the socket.
            callbacks.deallocate()
            core.watcher.stop()
            throw .cannotStart(reason: "libmicrohttpd got no threads, descriptors or memory")
        }
        self.core = core
        port = listening.port
        lifecycle = Mutex(
            .running(Running(daemon: daemon, callbacks: callbacks, socket: listening.descriptor)))
    }

    deinit { stop() }

    /// Refuses new connections from now on. Requests in hand are answered, and each answer is its connection's last.
    public func stopAccepting() {
        lifecycle.withLock { lifecycle in
            guard case .running(var running) = lifecycle, running.isAccepting else { return }
            Self.quiesce(&running, core)
            lifecycle = .running(running)
        }
    }

    /// Stops the server: cancels what still waits (its disconnect actions run, its client gets a 503), lets
    /// responses on their way finish for `stopGrace`, and closes every connection.
    ///
    /// A second call waits for the first and does nothing. Not to be called from the handler's methods: it waits for
    /// the threads that they run on.
    public func stop() {
        lifecycle.withLock { lifecycle in
            guard case .running(var running) = lifecycle else { return }
            Self.quiesce(&running, core)
            // The library aborts the process if it is stopped with a connection suspended: none may be from here on.
            for exchange in core.watcher.refuseExchanges() {
                exchange.cancel(with: ServerCore.stoppingResponse)
            }
            _ = core.responsesUnderway.wait(timeout: .now() + core.configuration.stopGrace.dispatchInterval)
            MHD_stop_daemon(running.daemon)
            close(running.socket)
            running.callbacks.deallocate()
            core.watcher.stop()
            lifecycle = .stopped
        }
    }

    /// Requests that are in memory, from their head to their completion.
    package var liveRequestCount: Int { core.liveTransactions.load(ordering: .relaxed) }

    private static func quiesce(_ running: inout Running, _ core: ServerCore) {
        guard running.isAccepting else { return }
        running.isAccepting = false
        core.drain()
        _ = MHD_quiesce_daemon(running.daemon)
        // Shutting the socket down refuses clients at once. Closing it waits until the library's threads are gone:
        // one may be about to accept, and by then the number could be another file's.
        shutdown(running.socket, Int32(SHUT_RDWR))
    }
}

extension Duration {
    /// Whole seconds, rounded up.
    fileprivate var roundedUpSeconds: Int64 {
        components.seconds + (components.attoseconds > 0 ? 1 : 0)
    }

    fileprivate var dispatchInterval: DispatchTimeInterval {
        .milliseconds(Int(self / .milliseconds(1)))
    }
}
