import ArgumentParser
import DreamService

/// The service's settings as flags: one option for each entry of `ServiceConfiguration.settings`.
struct ServiceOptions: ParsableArguments {
    @Option(help: .setting("host")) var host: String?
    @Option(help: .setting("port")) var port: String?
    @Option(help: .setting("model")) var model: String?
    @Option(help: .setting("models")) var models: String?
    @Option(help: .setting("processors")) var processors: String?
    @Option(help: .setting("workers")) var workers: String?
    @Option(help: .setting("backend")) var backend: String?
    @Option(help: .setting("queue-length")) var queueLength: String?
    @Option(help: .setting("max-upload-bytes")) var maxUploadBytes: String?
    @Option(help: .setting("max-uploads-bytes")) var maxUploadsBytes: String?
    @Option(help: .setting("memory-bytes")) var memoryBytes: String?
    @Option(help: .setting("max-pixels")) var maxPixels: String?
    @Option(help: .setting("max-side")) var maxSide: String?
    @Option(help: .setting("max-output-pixels")) var maxOutputPixels: String?
    @Option(help: .setting("default-size")) var defaultSize: String?
    @Option(help: .setting("result-cache-bytes")) var resultCacheBytes: String?
    @Option(help: .setting("channel-cache-bytes")) var channelCacheBytes: String?
    @Option(help: .setting("deadline-seconds")) var deadlineSeconds: String?
    @Option(help: .setting("idle-timeout-seconds")) var idleTimeoutSeconds: String?
    @Option(help: .setting("transfer-deadline-seconds")) var transferDeadlineSeconds: String?
    @Option(help: .setting("lowest-upload-rate")) var lowestUploadRate: String?
    @Option(help: .setting("data-directory")) var dataDirectory: String?
    @Option(help: .setting("store-bytes")) var storeBytes: String?
    @Option(help: .setting("result-lifetime-seconds")) var resultLifetimeSeconds: String?
    @Option(help: .setting("job-deadline-seconds")) var jobDeadlineSeconds: String?
    @Option(help: .setting("connection-limit")) var connectionLimit: String?
    @Option(help: .setting("connections-per-address")) var connectionsPerAddress: String?
    @Option(help: .setting("shutdown-grace-seconds")) var shutdownGraceSeconds: String?
    @Option(help: .setting("cors-origins")) var corsOrigins: String?
    @Option(help: .setting("api-keys")) var apiKeys: String?
    @Option(help: .setting("trusted-proxies")) var trustedProxies: String?
    @Option(help: .setting("jobs-per-client")) var jobsPerClient: String?
    @Option(help: .setting("seconds-per-client")) var secondsPerClient: String?
    @Option(help: .setting("callback-hosts")) var callbackHosts: String?
    @Option(help: .setting("callback-secret")) var callbackSecret: String?
    @Option(help: .setting("log-level")) var logLevel: String?
    @Option(help: .setting("log-format")) var logFormat: String?

    /// The names and values of the settings that were given.
    var flags: [(name: String, value: String)] { GivenOptions.of(self, separator: "-") }
}
