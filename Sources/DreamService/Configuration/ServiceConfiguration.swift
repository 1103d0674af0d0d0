import DeepDream
import Logging
import VisionNet

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
    /// Directories, separated by colons, that are searched for models before the usual ones. All models are served.
    public var models = ""
    /// How many threads compute at once, whatever the number of dreams; nil for as many as the process may use.
    public var processors: Int?
    /// How many dreams run at once; nil for one on each processor.
    public var workers: Int?
    /// What computes the convolutions; nil for the faster one on this CPU.
    public var backend: Backend?
    /// How many jobs wait for a worker before further ones are refused.
    public var queueLength = 16
    /// The longest request body, in bytes.
    public var maxUploadBytes = 20_000_000
    /// The most memory for all request bodies together, from their heads until their jobs have ended, in bytes.
    public var maxUploadsBytes = 256_000_000
    /// The largest photo that is decoded, in pixels.
    public var maxPixels = 50_000_000
    /// The largest dream, in pixels.
    public var maxOutputPixels = 2_100_000
    /// The size of a dream whose request names none.
    public var defaultSize = OutputSize.longerSide(512)
    /// The longest time from a whole request to its answer, waiting included, in seconds.
    public var deadlineSeconds = 300
    /// How long a connection may be silent while a request is awaited or read, in seconds.
    public var idleTimeoutSeconds = 30
    /// The longest time for a whole request to arrive, and for an answer to be read, in seconds.
    public var transferDeadlineSeconds = 60
    /// How many connections are open at once.
    public var connectionLimit = 128
    /// How many connections one address may have open; nil for all. Behind a reverse proxy all have the proxy's.
    public var connectionsPerAddress: Int?
    /// How long the jobs at hand may go on after SIGTERM, in seconds.
    public var shutdownGraceSeconds = 30
    public var logLevel = Logger.Level.info
    public var logFormat = LogFormat.text

    public init() {}

    /// How many threads compute at once.
    ///
    /// - Parameter available: the processors that the process may use.
    public func processorCount(available: Int = Processors.available) -> Int {
        processors ?? available
    }

    /// How many dreams run at once.
    ///
    /// - Parameter available: the processors that the process may use.
    public func workerCount(available: Int = Processors.available) -> Int {
        workers ?? processorCount(available: available)
    }

    /// Checks what no setting can tell alone.
    ///
    /// - Parameter available: the processors that the process may use.
    /// - Throws: `ConfigurationError.conflict`.
    func validate(available: Int) throws(ConfigurationError) {
        let processors = processorCount(available: available)
        guard processors <= available else {
            throw .conflict(
                "processors is \(processors), but this process may use \(available); lower it, or set it to auto")
        }
        let workers = workerCount(available: available)
        guard workers <= processors else {
            throw .conflict(
                "workers is \(workers), but processors is \(processors), and each dream needs one; "
                    + "lower workers, or set it to auto")
        }
        guard maxUploadBytes <= maxUploadsBytes else {
            throw .conflict(
                "max-upload-bytes is \(maxUploadBytes), but all uploads together may have max-uploads-bytes, "
                    + "\(maxUploadsBytes)")
        }
        if case .exact(let width, let height) = defaultSize, width * height > maxOutputPixels {
            throw .conflict(
                "default-size is \(width)x\(height), \(width * height) pixels, "
                    + "but max-output-pixels is \(maxOutputPixels)")
        }
    }
}
