import DeepDream
import Logging
import VisionNet

/// The service's configuration.
///
/// ``settings`` defines how each property is written in the file, in environment variables and as a flag.
public struct ServiceConfiguration: Sendable, Equatable {
    /// The address to listen on.
    public var host = "0.0.0.0"
    /// The TCP port to listen on; 0 for any free one.
    public var port = 5000
    /// The model for requests that do not name one: a name, or the path of a model file; nil for the library's default.
    public var model: String?
    /// Directories, separated by colons, to search for models before the usual ones. All models found are served.
    public var models = ""
    /// How many threads compute at once, for all dreams together; nil for one for each processor that the process may
    /// use.
    public var processors: Int?
    /// How many dreams run at once; nil for as many as `processors`, if the memory does for dreams of the default size.
    public var workers: Int?
    /// What computes the convolutions; nil for the fastest on this processor.
    public var backend: Backend?
    /// How many jobs can wait for a worker; further ones are refused.
    public var queueLength = 16
    /// The largest request body, in bytes.
    public var maxUploadBytes = 20_000_000
    /// The memory for all request bodies together, in bytes. Bytes count from their arrival until the job has ended.
    public var maxUploadsBytes = 256_000_000
    /// The memory of the whole process, in bytes; nil for what the control groups and the machine allow.
    public var memoryBytes: Int?
    /// The largest photo that is accepted, in pixels.
    public var maxPixels = 50_000_000
    /// The longest side of a photo that is accepted, in pixels. Memory depends on `maxPixels`; this only keeps out what
    /// is no photo. The default is the longest side of a JPEG.
    public var maxSide = 65_500
    /// The largest dream, in pixels.
    public var maxOutputPixels = 2_100_000
    /// The size of dreams whose requests do not give one.
    public var defaultSize = OutputSize.longerSide(512)
    /// The memory for dreams that are kept to answer repeated requests, in bytes; 0 for none.
    public var resultCacheBytes = 64_000_000
    /// The disk for pictures of what channels look for, in bytes; 0 for none.
    public var channelCacheBytes = 100_000_000
    /// The time from a complete request to its answer, including the wait for a worker, in seconds. Then the job is
    /// cancelled.
    public var deadlineSeconds = 300
    /// The time after which a connection is closed if nothing is sent, in seconds. The wait for an answer does not
    /// count.
    public var idleTimeoutSeconds = 30
    /// The time for a complete request to arrive, and for an answer to be read, in seconds.
    public var transferDeadlineSeconds = 180
    /// How many bytes of an upload must arrive in a second, on average; 0 for any number.
    public var lowestUploadRate = 8000
    /// The directory of the stored jobs; nil for the system's or the user's.
    public var dataDirectory: String?
    /// The uploads and results of stored jobs, in bytes.
    public var storeBytes = 2_000_000_000
    /// How long a stored job is kept after its end, in seconds.
    public var resultLifetimeSeconds = 86_400
    /// The time that a stored job may take from its start, in seconds. Then it is cancelled.
    public var jobDeadlineSeconds = 3600
    /// How many connections can have a request at once.
    public var connectionLimit = 128
    /// How many connections one address can have open; nil for all. Behind a reverse proxy all connections have the
    /// proxy's address.
    public var connectionsPerAddress: Int?
    /// The time for jobs to finish after SIGTERM, in seconds. Then they are cancelled.
    public var shutdownGraceSeconds = 30
    /// The origins whose pages can use the service from browsers, separated by commas; `*` for all, nothing for none.
    public var corsOrigins = ""
    /// The SHA-256 hashes of the keys that clients need, separated by commas; nothing if they need none.
    public var apiKeys = ""
    /// The addresses and blocks of addresses of proxies whose `X-Forwarded-For` and `Forwarded` count, separated by
    /// commas.
    public var trustedProxies = ""
    /// How many jobs one client can have that wait or run; nil for any number.
    public var jobsPerClient: Int?
    /// How many seconds the dreams of one client that wait or run can take together; nil for any number.
    public var secondsPerClient: Int?
    /// The hosts that can be told of a job's end, separated by commas; nothing for none.
    public var callbackHosts = ""
    /// What callbacks are signed with; nothing if there are none.
    public var callbackSecret = ""
    /// The lowest level of log messages that are written.
    public var logLevel = Logger.Level.info
    /// The format of the log.
    public var logFormat = LogFormat.text

    /// Users' own presets. Only the file can have them.
    package var presets: [ConfiguredPreset] = []

    public init() {}

    /// How many threads compute at once.
    ///
    /// - Parameter available: how many processors the process may use.
    public func processorCount(available: Int = Processors.available) -> Int {
        processors ?? available
    }

    /// How many dreams run at once, if there is memory for them.
    ///
    /// - Parameter available: how many processors the process may use.
    public func workerCount(available: Int = Processors.available) -> Int {
        workers ?? processorCount(available: available)
    }

    /// The memory that requests can take together, in bytes: what the process can still take, but for a reserve for
    /// threads, connections, an upload while it is put together, which may take twice the largest, and blocks of memory
    /// that are not full.
    var requestMemory: Int {
        let free = Memory.free(of: memoryBytes ?? Memory.allowed)
        let reserve = free / 16 + 2 * maxUploadBytes + Self.threadBytes * (processorCount() + 4)
        return max(0, free - reserve)
    }

    /// A thread's scratch memory and stack, in bytes.
    private static let threadBytes = 8 << 20

    /// Checks the settings that depend on each other or on the machine.
    ///
    /// - Parameter available: how many processors the process may use.
    /// - Throws: `ConfigurationError.conflict`.
    func validate(available: Int) throws(ConfigurationError) {
        let processors = processorCount(available: available)
        guard processors <= available else {
            throw .conflict(
                "processors is \(processors), but this process may use only \(available); lower it, or set it to auto")
        }
        let workers = workerCount(available: available)
        guard workers <= processors else {
            throw .conflict(
                "workers is \(workers), but processors is only \(processors), and each worker needs one; "
                    + "lower workers, or set it to auto")
        }
        guard maxUploadBytes <= maxUploadsBytes else {
            throw .conflict(
                "max-upload-bytes is \(maxUploadBytes), but max-uploads-bytes, for all uploads together, is only "
                    + "\(maxUploadsBytes); lower max-upload-bytes, or raise max-uploads-bytes")
        }
        guard callbackHosts.isEmpty || !callbackSecret.isEmpty else {
            throw .conflict(
                "callback-hosts is '\(callbackHosts)', but callback-secret, which signs callbacks, is not set; set it "
                    + "to \(WebhookSecret.allowedText)")
        }
        if case .exact(let width, let height) = defaultSize, width * height > maxOutputPixels {
            throw .conflict(
                "default-size is \(width)x\(height), which is \(width * height) pixels, but max-output-pixels is only "
                    + "\(maxOutputPixels); lower default-size, or raise max-output-pixels")
        }
    }
}
