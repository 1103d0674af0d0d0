/// Why a server did not start.
public enum HTTPServerError: Error, Sendable, Equatable {
    /// A property of the configuration is out of its range.
    case invalidConfiguration(property: String, value: String, allowed: String)
    /// The address cannot be listened on: no address literal, in use, not permitted, not this machine's …
    case cannotBind(host: String, port: Int, reason: String)
    /// The system gave no threads, descriptors or memory for the server.
    case cannotStart(reason: String)
}

extension HTTPServerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidConfiguration(let property, let value, let allowed):
            "The HTTP server's \(property) is \(value); allowed is \(allowed)."
        case .cannotBind(let host, let port, let reason):
            "Cannot listen on \(host), port \(port): \(reason)."
        case .cannotStart(let reason):
            "Cannot start the HTTP server: \(reason)."
        }
    }
}
