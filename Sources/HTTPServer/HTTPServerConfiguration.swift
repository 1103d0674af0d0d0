/// Where a server listens, and the bounds it keeps clients to.
public struct HTTPServerConfiguration: Sendable, Equatable {
    /// The address to listen on, an IPv4 or IPv6 literal. `::` takes IPv4 clients too. Default: `127.0.0.1`.
    public var host: String
    /// The TCP port, 0 … 65535; 0 lets the system choose, and `HTTPServer.port` tells which. Default: 0.
    public var port: Int
    /// Connections open at once, at least 1; more wait in the system's queue. Each needs a file descriptor.
    /// Default: 256.
    public var connectionLimit: Int = 256
    /// Connections open at once from one address, at least 1; more are closed at once. Behind a proxy every client
    /// has the proxy's address. Default: nil, no limit.
    public var connectionLimitPerAddress: Int?
    /// How long a connection may stand without a byte in either direction, in whole seconds, at least 1. A request
    /// that waits for its response does not count. Some clients that leave within a request's head or body are
    /// noticed only by this. Default: 30 s.
    public var idleTimeout: Duration = .seconds(30)
    /// How long a request's body may take after its head; a head may take `idleTimeout` longer, counted from the
    /// connection's start or the response before. Past it the connection is closed: a client that sends a byte
    /// now and then holds it no longer. At least 10 ms. Default: 60 s.
    public var uploadDeadline: Duration = .seconds(60)
    /// How long a client may take to read a response; past it the connection is closed. At least 10 ms.
    /// Default: 60 s.
    public var responseDeadline: Duration = .seconds(60)
    /// How long `HTTPServer.stop` waits for responses on their way, 0 or more. Default: 5 s.
    public var stopGrace: Duration = .seconds(5)
    /// Threads that speak HTTP, 1 … 64. They never compute, so one serves thousands of requests a second.
    /// Default: 1.
    public var threads: Int = 1
    /// Bytes of memory for a connection's request head and buffers, 4096 … 1 MiB; a longer head is answered with
    /// 431, a longer request line with 414. Default: 64 KiB.
    public var connectionMemory: Int = 64 * 1024
    /// Bytes of a refused body, at most, that are read and thrown away, so that a client which sends before it
    /// listens sees the answer instead of a reset connection. More than the largest body that is accepted, or a proxy
    /// turns "too large" into a 502 of its own. 0 or more. Default: 64 MiB.
    public var discardedBodyBytes: Int = 64 * 1024 * 1024
    /// Fields in one form, at least 1. Default: 64.
    public var maximumFormFields: Int = 64
    /// UTF-8 bytes in a form field's name or content type, 1 … 8192. Default: 256.
    public var maximumFieldNameBytes: Int = 256

    public init(host: String = "127.0.0.1", port: Int = 0) {
        self.host = host
        self.port = port
    }
}

extension HTTPServerConfiguration {
    /// Throws `invalidConfiguration` for the first property out of its range.
    package func validate() throws(HTTPServerError) {
        try check("port", port, in: 0...65535)
        try check("connectionLimit", connectionLimit, in: 1...1_000_000)
        if let connectionLimitPerAddress {
            try check("connectionLimitPerAddress", connectionLimitPerAddress, in: 1...1_000_000)
        }
        try check("threads", threads, in: 1...64)
        // The library shares the limit out among its threads.
        try check("connectionLimit", connectionLimit, in: threads...1_000_000)
        try check("connectionMemory", connectionMemory, in: 4096...1_048_576)
        try check("discardedBodyBytes", discardedBodyBytes, in: 0...Int.max)
        try check("maximumFormFields", maximumFormFields, in: 1...1_000_000)
        try check("maximumFieldNameBytes", maximumFieldNameBytes, in: 1...8192)
        let day = Duration.seconds(86_400)
        try check("idleTimeout", idleTimeout, in: .seconds(1)...day)
        try check("uploadDeadline", uploadDeadline, in: .milliseconds(10)...day)
        try check("responseDeadline", responseDeadline, in: .milliseconds(10)...day)
        try check("stopGrace", stopGrace, in: .zero...day)
    }

    private func check<Value: Comparable>(
        _ property: String, _ value: Value, in range: ClosedRange<Value>
    ) throws(HTTPServerError) {
        guard range.contains(value) else {
            throw .invalidConfiguration(
                property: property, value: "\(value)", allowed: "\(range.lowerBound) … \(range.upperBound)")
        }
    }
}
