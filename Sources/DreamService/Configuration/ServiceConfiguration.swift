import DeepDream
import Logging

/// Everything that can be set about the service.
///
/// The text form of each property — in the file, the environment and the flags — is defined once, by ``settings``.
public struct ServiceConfiguration: Sendable, Equatable {
    /// The address to listen on.
    public var host = "0.0.0.0"
    /// The TCP port to listen on; 0 takes any free one.
    public var port = 5000
    /// The model of requests that name none: a name, or the path of a model file.
    public var model = "embedded"
    /// Directories, parted by colons, that are searched for models before the usual ones. All models are served.
    public var models = ""
    /// How many dreams run at once; nil for as many as the processors allow.
    public var workers: Int?
    /// How many threads share one dream.
    public var threadsPerJob = 1
    /// How many jobs wait for a worker before further ones are refused.
    public var queueLength = 16
    /// The longest request body, in bytes.
    public var maxUploadBytes = 20_000_000
    /// The largest photo that is decoded, in pixels.
    public var maxPixels = 50_000_000
    /// The largest dream, in pixels.
    public var maxOutputPixels = 2_100_000
    /// The size of a dream whose request names none.
    public var defaultSize = DreamSize.longerSide(512)
    /// The longest time from a whole request to its answer, waiting included, in seconds.
    public var deadlineSeconds = 300
    /// How long a connection may be silent while a request is awaited or read, in seconds.
    public var idleTimeoutSeconds = 30
    /// How many connections are open at once.
    public var connectionLimit = 128
    /// How long the jobs at hand may go on after SIGTERM, in seconds.
    public var shutdownGraceSeconds = 30
    public var logLevel = Logger.Level.info
    public var logFormat = LogFormat.text

    public init() {}

    /// The number of workers for a machine with this many processors.
    public func workerCount(processors: Int) -> Int {
        workers ?? max(1, processors / threadsPerJob)
    }

    /// Checks what no setting can tell alone.
    ///
    /// - Parameter processors: how many the service may use.
    /// - Throws: `ConfigurationError.conflict`.
    func validate(processors: Int) throws(ConfigurationError) {
        let threads = workerCount(processors: processors) * threadsPerJob
        guard threads <= processors else {
            throw .conflict(
                "workers × threads-per-job is \(threads), but there are \(processors) processors; "
                    + "lower one of them, or set workers to auto")
        }
        if case .exact(let width, let height) = defaultSize, width * height > maxOutputPixels {
            throw .conflict(
                "default-size is \(width)x\(height), \(width * height) pixels, "
                    + "but max-output-pixels is \(maxOutputPixels)")
        }
    }
}
