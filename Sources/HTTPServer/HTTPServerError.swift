/// Why a server could not start.
public enum HTTPServerError: Error, Sendable, Equatable {
    /// A property of the configuration is out of its range.
    case invalidConfiguration(property: String, value: String, allowed: String)
    /// The server cannot listen on the address: it is not an IP address, is in use, or is not one of this machine's.
    case cannotBind(host: String, port: Int, reason: String)
    /// The system gave the server no threads, file descriptors or memory.
    case cannotStart(reason: String)
}

extension HTTPServerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidConfiguration(let property, let value, let allowed):
            "The HTTP server's \(property) is \(value); allowed: \(allowed)."
        case .cannotBind(let host, let port, let reason):
            "Cannot listen on \(host), port \(port): \(reason)."
        case .cannotStart(let reason):
            "Cannot start the HTTP server: \(reason)."
        }
    }
}
