/// The routes of a service: what stands at which path for which method.
///
/// A path's pattern is text with parameters in braces, `/jobs/{id}/events`. A parameter stands for one part of the
/// path, which is not empty.
public struct Router<Value: Sendable>: Sendable {
    public enum Match {
        case found(Value, parameters: [String: String])
        /// There is no such path.
        case noPath
        /// The path has other methods, in alphabetical order.
        case noMethod(allowed: [String])
    }

    private struct Route {
        let parts: [Substring]
        let method: String
        let value: Value
    }

    private var routes: [Route] = []

    public init() {}

    /// Adds a route. A route for GET also answers HEAD.
    public mutating func add(_ method: String, _ pattern: String, _ value: Value) {
        routes.append(Route(parts: Self.parts(of: pattern), method: method, value: value))
    }

    public func match(method: String, path: String) -> Match {
        let parts = Self.parts(of: path)
        var allowed: Set<String> = []
        for route in routes {
            guard let parameters = Self.parameters(of: parts, in: route.parts) else { continue }
            if route.method == method || route.method == "GET" && method == "HEAD" {
                return .found(route.value, parameters: parameters)
            }
            allowed.insert(route.method)
            if route.method == "GET" { allowed.insert("HEAD") }
        }
        return allowed.isEmpty ? .noPath : .noMethod(allowed: allowed.sorted())
    }

    private static func parts(of path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func parameters(of parts: [Substring], in pattern: [Substring]) -> [String: String]? {
        guard parts.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, expected) in zip(parts, pattern) {
            if expected.hasPrefix("{"), expected.hasSuffix("}") {
                guard !part.isEmpty else { return nil }
                parameters[String(expected.dropFirst().dropLast())] = String(part)
            } else if part != expected {
                return nil
            }
        }
        return parameters
    }
}
