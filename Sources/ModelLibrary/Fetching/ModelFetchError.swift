/// Why published weights could not be fetched.
public enum ModelFetchError: Error, Equatable, Sendable {
    case directoryNotWritable(String, reason: String)
    /// Another process is fetching into the same file.
    case busy(file: String)
    /// The download failed. What has arrived is kept, and the next attempt continues from there.
    case transfer(url: String, reason: String, model: String)
    /// What has arrived is not the published file; it was deleted.
    case wrongDigest(url: String, found: String, expected: String, model: String)
}

extension ModelFetchError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .directoryNotWritable(let directory, let reason):
            "models cannot be written to \(directory): \(reason)"
        case .busy(let file):
            "\(file) is being written by another process; wait until it has finished"
        case .transfer(let url, let reason, let model):
            """
            the download failed: \(reason)
            Try again: the download continues where it stopped. Without a network, download
              \(url)
            on another machine, copy the file here and import it; its name is then \(model):
              deepdream model import \(url.split(separator: "/").last ?? "FILE")
            """
        case .wrongDigest(let url, let found, let expected, let model):
            """
            \(url) is not the published file of \(model): its digest is \(found),
            and the publisher's starts with \(expected)
            The download was deleted. A proxy may have answered instead of the server; try from another network.
            """
        }
    }
}
