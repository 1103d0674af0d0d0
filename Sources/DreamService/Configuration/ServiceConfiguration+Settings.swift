import DeepDream

extension ServiceConfiguration {
    /// Every setting, in the order of help texts. A new setting is one entry here and one property above.
    public static let settings: [Setting] = [
        Setting(
            "host", \.host, "address to listen on", allowed: "an IPv4 or IPv6 address",
            parse: { $0.isEmpty ? nil : $0 }, print: { $0 }),
        .integer("port", \.port, "TCP port to listen on; 0 takes any free one", in: 0...65535),
        Setting(
            "model", \.model, "model of requests that name none",
            allowed: "the name of a model, or the path of a model file",
            parse: { $0.isEmpty ? nil : $0 }, print: { $0 }),
        Setting(
            "models", \.models, "where models are searched before the usual directories; all are served",
            allowed: "directories, separated by colons", parse: { $0 }, print: { $0 }),
        .automaticInteger(
            "processors", \.processors, "how many threads compute at once; auto is all processors it may use",
            in: 1...256),
        .automaticInteger(
            "workers", \.workers, "how many dreams run at once, sharing the processors; auto is one on each",
            in: 1...256),
        .automaticChoice(
            "backend", \.backend, "what computes the convolutions; auto is the faster one on this processor"),
        .integer("queue-length", \.queueLength, "how many jobs may wait for a worker", in: 0...10_000),
        .integer(
            "max-upload-bytes", \.maxUploadBytes, "longest request body, in bytes", in: 1024...1_000_000_000),
        .integer(
            "max-uploads-bytes", \.maxUploadsBytes, "most memory for all request bodies together, in bytes",
            in: 1024...1_000_000_000_000),
        .integer("max-pixels", \.maxPixels, "largest photo that is decoded, in pixels", in: 1...500_000_000),
        .integer(
            "max-output-pixels", \.maxOutputPixels, "largest dream, in pixels", in: 5625...67_108_864),
        Setting(
            "default-size", \.defaultSize, "size of a dream whose request names none",
            allowed: OutputSize.allowedText, parse: OutputSize.init(text:), print: \.text),
        .integer(
            "deadline-seconds", \.deadlineSeconds, "longest time from request to answer, waiting included",
            in: 1...86_400),
        .integer(
            "idle-timeout-seconds", \.idleTimeoutSeconds, "longest silence while a request is read", in: 1...3600),
        .integer(
            "transfer-deadline-seconds", \.transferDeadlineSeconds,
            "longest time for a whole request to arrive, and for an answer to be read", in: 1...86_400),
        .integer("connection-limit", \.connectionLimit, "how many connections are open at once", in: 1...100_000),
        .automaticInteger(
            "connections-per-address", \.connectionsPerAddress,
            "how many of them one address may have; auto is all, as a reverse proxy needs", in: 1...100_000),
        .integer(
            "shutdown-grace-seconds", \.shutdownGraceSeconds, "how long jobs may go on after SIGTERM", in: 0...3600),
        .choice("log-level", \.logLevel, "least important events that are logged"),
        .choice("log-format", \.logFormat, "how log lines are written to standard error"),
    ]
}
