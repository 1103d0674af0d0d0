/// The address of a server, and the limits for its clients.
public struct HTTPServerConfiguration: Sendable, Equatable {
    /// The IPv4 or IPv6 address to listen on. `::` accepts IPv4 clients, too. Default: `127.0.0.1`.
    public var host: String
    /// The TCP port, 0 … 65535. With 0 the system chooses a free port; see `HTTPServer.port`. Default: 0.
    public var port: Int
    /// How many connections can have a request at once, at least 1 and at least `threads`. Each needs a file
    /// descriptor. Default: 256.
    public var connectionLimit: Int = 256
    /// How many connections more can be open, at least 1. They wait for a request or are for health checks; see
    /// `RequestHead.isBeyondConnectionLimit`. For a further one, a connection is closed: one whose client has left in
    /// the middle of a body, else the oldest request beyond the limit, else the one that has waited longest for a
    /// request. libmicrohttpd opens ten at a time before it reads, so fewer leave little time to send a head.
    /// Default: 64.
    public var connectionReserve: Int = 64
    /// How many connections can be open at once from one address, at least 1. Further ones are closed immediately.
    /// Behind a proxy all clients have the proxy's address. Default: nil, no limit.
    public var connectionLimitPerAddress: Int?
    /// How long a connection can be open while nothing is sent in either direction, at least 1 s, rounded up to whole
    /// seconds. The time that a request waits for its response does not count. Some clients that disconnect in the
    /// middle of a request are only noticed by this. Default: 30 s.
    public var idleTimeout: Duration = .seconds(30)
    /// How long a body can take to arrive after its head, at least 10 ms. Then it is refused with `bodyTooSlow`, even
    /// if the client still sends a byte now and then. A head can take `idleTimeout` + 10 s, or + `uploadDeadline` if
    /// that is less, counted from the start of the connection or the end of the previous response. Default: 180 s.
    public var uploadDeadline: Duration = .seconds(180)
    /// How many bytes of a body must arrive in a second, on average since its head, 0 or more; 0 for any number.
    /// Default: 8000.
    public var lowestUploadRate: Int = 8000
    /// How long after its head a body can be slower than `lowestUploadRate`, at least 0. Default: 20 s.
    public var uploadRateGrace: Duration = .seconds(20)
    /// How long a body can take to be read after its client closed its sending side, at least 0. What was sent before
    /// is in the system's memory then. Default: 1 s.
    public var abandonedBodyGrace: Duration = .seconds(1)
    /// How long a client can take to read a response, at least 10 ms. Then the connection is closed. Default: 60 s.
    public var responseDeadline: Duration = .seconds(60)
    /// How long `HTTPServer.stop` waits for responses that are being sent, 0 or more. Default: 5 s.
    public var stopGrace: Duration = .seconds(5)
    /// The number of HTTP threads, 1 … 64. They only read and write, so one can serve thousands of requests a second.
    /// Default: 1.
    public var threads: Int = 1
    /// The memory for a connection's request head and buffers in bytes, 4096 … 1 MiB. A longer head is answered with
    /// 431, a longer request line with 414. Each parameter of the query takes 64 bytes of it beside its text.
    /// Default: 128 KiB.
    public var connectionMemory: Int = 128 * 1024
    /// How many bytes of a refused body are read and thrown away, 0 or more. Many clients send the whole body before
    /// they read the answer, and would only see a reset connection otherwise. Use more than the size of the largest
    /// body that is accepted; else a proxy may replace the answer "too large" by its own 502. Default: 64 MiB.
    public var discardedBodyBytes: Int = 64 * 1024 * 1024
    /// How many fields a form can have, at least 1. Default: 64.
    public var maximumFormFields: Int = 64
    /// How long the name or content type of a form field can be, 1 … 8192 bytes of UTF-8. Default: 256.
    public var maximumFieldNameBytes: Int = 256

    public init(host: String = "127.0.0.1", port: Int = 0) {
        self.host = host
        self.port = port
    }
}

extension HTTPServerConfiguration {
    /// How many connections beyond these libmicrohttpd can have, which it was told to close and has not closed yet.
    package static let closingConnections = 16

    /// How long a head can take from its first line on.
    var headTime: Duration { min(uploadDeadline, .seconds(10)) }

    /// How long a connection can wait for a whole head.
    var headDeadline: Duration { idleTimeout + headTime }

    /// - Throws: `invalidConfiguration` with the first property that is out of its range.
    package func validate() throws(HTTPServerError) {
        try check("port", port, in: 0...65535)
        try check("connectionLimit", connectionLimit, in: 1...1_000_000)
        try check("connectionReserve", connectionReserve, in: 1...1_000_000)
        if let connectionLimitPerAddress {
            try check("connectionLimitPerAddress", connectionLimitPerAddress, in: 1...1_000_000)
        }
        try check("threads", threads, in: 1...64)
        // libmicrohttpd divides the limit among its threads.
        try check("connectionLimit", connectionLimit, in: threads...1_000_000)
        try check("connectionMemory", connectionMemory, in: 4096...1_048_576)
        try check("lowestUploadRate", lowestUploadRate, in: 0...Int.max)
        try check("discardedBodyBytes", discardedBodyBytes, in: 0...Int.max)
        try check("maximumFormFields", maximumFormFields, in: 1...1_000_000)
        try check("maximumFieldNameBytes", maximumFieldNameBytes, in: 1...8192)
        let day = Duration.seconds(86_400)
        try check("idleTimeout", idleTimeout, in: .seconds(1)...day)
        try check("uploadRateGrace", uploadRateGrace, in: .zero...day)
        try check("abandonedBodyGrace", abandonedBodyGrace, in: .zero...day)
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
