import Foundation

/// The hosts that can be told of a job's end: the setting `callback-hosts`. Any other address is refused, so that
/// nobody can have the service send requests to where only the service can.
struct CallbackHosts: Sendable, Equatable {
    static let allowedText =
        "hosts such as hooks.example.org, if need be with a port, separated by commas; empty for none"

    /// In lower case, with their ports where these are listed.
    private let hosts: [String]

    /// - Returns: nil if one of the list's members is no host.
    init?(list: String) {
        hosts = list.split(separator: ",").map { $0.filter { $0 != " " }.lowercased() }.filter { !$0.isEmpty }
        let areHosts = hosts.allSatisfy { host in
            guard let url = URL(string: "https://\(host)/"), let name = url.host(percentEncoded: true) else {
                return false
            }
            return [name, "[\(name)]"].contains { $0 + (url.port.map { ":\($0)" } ?? "") == host }
        }
        if !areHosts { return nil }
    }

    init(_ configuration: ServiceConfiguration) {
        // The setting has been checked.
        self = Self(list: configuration.callbackHosts) ?? Self(hosts: [])
    }

    private init(hosts: [String]) { self.hosts = hosts }

    /// The address, if a callback may go there.
    ///
    /// A host that is listed without a port has the usual one of `http` or `https`.
    ///
    /// - Throws: a `Problem` that says what is wrong with it.
    @discardableResult func check(_ address: String) throws(Problem) -> URL {
        guard address.utf8.count <= 2000, let url = URL(string: address), ["http", "https"].contains(url.scheme),
            let host = url.host(percentEncoded: true)?.lowercased(), !host.isEmpty, url.user() == nil,
            url.fragment() == nil
        else {
            throw .badCallback(address, "an address such as https://hooks.example.org/dreams, without a password")
        }
        let name = host.contains(":") ? "[\(host)]" : host
        guard hosts.contains(url.port.map { "\(name):\($0)" } ?? name) else {
            // The list is the operator's own business.
            throw .badCallback(address, "an address at a host that this service's setting callback-hosts lists")
        }
        return url
    }
}

extension Problem {
    fileprivate static func badCallback(_ address: String, _ allowed: String) -> Problem {
        Problem(
            400, "invalid-field", title: "A field has a value that is not allowed",
            detail: "'callback' must be \(allowed)", field: "callback", value: address, allowed: allowed)
    }

    static func callbackWithoutJob(_ address: String) -> Problem {
        Problem(
            400, "contradictory-field", title: "A field contradicts another",
            detail: "'callback' is told of a job's end: send the request to POST /jobs, or with Prefer: respond-async",
            field: "callback", value: address)
    }
}
