import DeepDream

extension ServiceConfiguration {
    /// All settings, in the order of help texts. A new setting needs an entry here, a property of
    /// `ServiceConfiguration`, an option in `ServiceOptions` and lines in `Config/deepdream.yaml`.
    public static let settings: [Setting] = [
        Setting(
            "host", \.host, "address to listen on", allowed: "an IPv4 or IPv6 address",
            parse: { $0.isEmpty ? nil : $0 }, print: { $0 }),
        .integer("port", \.port, "TCP port to listen on; 0 takes any free one", in: 0...65535),
        Setting(
            "model", \.model,
            "model for requests that do not name one; auto is efficientnet_lite0 if it is installed, otherwise "
                + "embedded",
            allowed: "auto, the name of a model, or the path of a model file",
            parse: Setting.automatic { $0.isEmpty ? nil : $0 }, print: { $0 ?? "auto" }),
        Setting(
            "models", \.models, "directories to search for models before the usual ones; all models found are served",
            allowed: "directories, separated by colons", parse: { $0 }, print: { $0 }),
        .automaticInteger(
            "processors", \.processors,
            "how many threads compute at once; auto is one for each processor that the service may use",
            in: 1...256),
        .automaticInteger(
            "workers", \.workers,
            "how many dreams run at once and share the processors; auto is as many as processors, if memory-bytes does "
                + "for dreams of default-size",
            in: 1...256),
        .automaticChoice(
            "backend", \.backend, "what computes the convolutions; auto is the fastest on this processor"),
        .integer(
            "queue-length", \.queueLength, "how many jobs can wait for a worker; further ones are refused",
            in: 0...10_000
        ).reloadable(),
        .integer(
            "max-upload-bytes", \.maxUploadBytes, "largest request body, in bytes", in: 1024...1_000_000_000
        ).reloadable(),
        .integer(
            "max-uploads-bytes", \.maxUploadsBytes, "memory for all request bodies together, in bytes",
            in: 1024...1_000_000_000_000
        ).reloadable(),
        .automaticInteger(
            "memory-bytes", \.memoryBytes,
            "memory of the whole process, in bytes; auto is what the control groups allow, and at most three quarters "
                + "of the machine's",
            in: 1_000_000...1_000_000_000_000_000),
        .integer("max-pixels", \.maxPixels, "largest photo that is accepted, in pixels", in: 1...500_000_000)
            .reloadable(),
        .integer("max-side", \.maxSide, "longest side of a photo that is accepted, in pixels", in: 1...1_000_000)
            .reloadable(),
        .integer(
            "max-output-pixels", \.maxOutputPixels, "largest dream, in pixels", in: 5625...67_108_864
        ).reloadable(),
        Setting(
            "default-size", \.defaultSize, "size of dreams whose requests do not give one",
            allowed: OutputSize.allowedText, parse: OutputSize.init(text:), print: \.text
        ).reloadable(),
        .integer(
            "result-cache-bytes", \.resultCacheBytes,
            "memory for dreams that are kept to answer repeated requests, in bytes; 0 keeps none",
            in: 0...1_000_000_000_000
        ).reloadable(),
        .integer(
            "channel-cache-bytes", \.channelCacheBytes,
            "disk for pictures of what channels look for, in bytes; 0 keeps none", in: 0...1_000_000_000_000
        ).reloadable(),
        .integer(
            "deadline-seconds", \.deadlineSeconds,
            "time from a request to its answer, including the wait for a worker; then the job is cancelled",
            in: 1...86_400
        ).reloadable(),
        .integer(
            "idle-timeout-seconds", \.idleTimeoutSeconds, "time after which a connection is closed if nothing is sent",
            in: 1...3600),
        .integer(
            "transfer-deadline-seconds", \.transferDeadlineSeconds,
            "time for a request to arrive, and for an answer to be read; then the connection is closed",
            in: 1...86_400),
        .integer(
            "lowest-upload-rate", \.lowestUploadRate,
            "how many bytes of an upload must arrive in a second, on average after its first 20 seconds; 0 for any "
                + "number",
            in: 0...1_000_000_000),
        Setting(
            "data-directory", \.dataDirectory,
            "directory of the jobs that outlive connections; auto is /var/lib/deepdream/jobs if that can be written, "
                + "otherwise the user's",
            allowed: "auto or a directory, which no other service uses",
            parse: Setting.automatic { $0.isEmpty ? nil : $0 }, print: { $0 ?? "auto" }),
        .integer(
            "store-bytes", \.storeBytes, "uploads and results of those jobs, in bytes", in: 1024...1_000_000_000_000),
        .integer(
            "result-lifetime-seconds", \.resultLifetimeSeconds, "how long a job is kept after its end",
            in: 1...31_536_000),
        .integer(
            "job-deadline-seconds", \.jobDeadlineSeconds,
            "time that such a job may take from its start; then it is cancelled", in: 1...604_800
        ).reloadable(),
        .integer(
            "connection-limit", \.connectionLimit,
            "how many connections can have a request at once; 64 more can wait for one", in: 1...100_000),
        .automaticInteger(
            "connections-per-address", \.connectionsPerAddress,
            "how many of them one address can have; auto is all, which a reverse proxy needs", in: 1...100_000),
        .integer(
            "shutdown-grace-seconds", \.shutdownGraceSeconds,
            "time for jobs to finish after SIGTERM; then they are cancelled", in: 0...3600
        ).reloadable(),
        Setting(
            "cors-origins", \.corsOrigins,
            "origins whose pages can use the service from browsers (CORS), separated by commas; * is all of them",
            allowed: "*, or origins such as https://example.org without a path, separated by commas; empty for none",
            parse: { CrossOrigins(list: $0) == nil ? nil : $0 }, print: { $0 }),
        Setting(
            "api-keys", \.apiKeys,
            "SHA-256 hashes of the keys that clients need, separated by commas (deepdream key makes one); empty if "
                + "they need none",
            allowed: "hashes of 64 hexadecimal digits, separated by commas; empty for none",
            parse: { APIKeys(list: $0) == nil ? nil : $0 }, print: { $0 }
        ).reloadable(),
        Setting(
            "trusted-proxies", \.trustedProxies,
            "proxies whose X-Forwarded-For and Forwarded tell the client's address, separated by commas",
            allowed: "addresses, or blocks such as 10.0.0.0/8, separated by commas; empty for none",
            parse: { AddressRange.list($0) == nil ? nil : $0 }, print: { $0 }
        ).reloadable(),
        .automaticInteger(
            "jobs-per-client", \.jobsPerClient,
            "how many jobs one client (a key, else an address) can have that wait or run; auto is any number",
            in: 1...100_000
        ).reloadable(),
        .automaticInteger(
            "seconds-per-client", \.secondsPerClient,
            "how long the dreams of one client that wait or run can take together; auto is any time", in: 1...604_800
        ).reloadable(),
        Setting(
            "callback-hosts", \.callbackHosts,
            "hosts that jobs can name in 'callback', to be told of their end, separated by commas",
            allowed: CallbackHosts.allowedText,
            parse: { CallbackHosts(list: $0) == nil ? nil : $0 }, print: { $0 }
        ).reloadable(),
        Setting(
            "callback-secret", \.callbackSecret, "what callbacks are signed with, so that receivers can trust them",
            allowed: WebhookSecret.allowedText + "; empty for none",
            parse: { $0.isEmpty || WebhookSecret(text: $0) != nil ? $0 : nil }, print: { $0 }
        ).reloadable(),
        .choice("log-level", \.logLevel, "lowest level of log messages that are written").reloadable(),
        .choice("log-format", \.logFormat, "format of the log on standard error"),
    ]
}
