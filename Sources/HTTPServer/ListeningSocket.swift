import Glibc

/// A TCP socket that listens. Its creator must close the descriptor.
struct ListeningSocket {
    let descriptor: Int32
    let port: Int
    let isIPv6: Bool

    /// Binds a socket to an IPv4 or IPv6 address and a port, and listens on it.
    init(host: String, port: Int) throws(HTTPServerError) {
        func failure(_ reason: String) -> HTTPServerError { .cannotBind(host: host, port: port, reason: reason) }
        func systemFailure() -> HTTPServerError { failure(String(cString: strerror(errno))) }

        var (address, size) = (sockaddr_storage(), socklen_t(0))
        guard Self.fill(&address, &size, host: host, port: port) else {
            throw failure("the host is not an IPv4 or IPv6 address")
        }
        isIPv6 = Int32(address.ss_family) == AF_INET6

        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(Int32(address.ss_family), type, 0)
        guard socket >= 0 else { throw systemFailure() }
        var isListening = false
        defer { if !isListening { close(socket) } }

        // Else a restarted server could not bind its port while old connections are in TIME_WAIT.
        Self.set(SOL_SOCKET, SO_REUSEADDR, to: 1, on: socket)
        if isIPv6 { Self.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 0, on: socket) }
        let result = Self.withAddress(&address) { bind(socket, $0, size) }
        guard result == 0, listen(socket, SOMAXCONN) == 0 else { throw systemFailure() }

        size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard Self.withAddress(&address, { getsockname(socket, $0, &size) }) == 0 else { throw systemFailure() }
        // The port is at the same offset in sockaddr_in and sockaddr_in6.
        let bound = withUnsafeBytes(of: &address) { $0.load(as: sockaddr_in.self).sin_port }
        self.port = Int(UInt16(bigEndian: bound))
        descriptor = socket
        isListening = true
    }

    /// Fills in a socket address.
    ///
    /// - Returns: false if `host` is not an IP address.
    private static func fill(
        _ address: inout sockaddr_storage, _ size: inout socklen_t, host: String, port: Int
    ) -> Bool {
        let networkPort = UInt16(truncatingIfNeeded: port).bigEndian
        var ipv4 = sockaddr_in()
        var ipv6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &ipv4.sin_addr) == 1 {
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = networkPort
            size = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &address) { $0.storeBytes(of: ipv4, as: sockaddr_in.self) }
            return true
        }
        if inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1 {
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = networkPort
            size = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &address) { $0.storeBytes(of: ipv6, as: sockaddr_in6.self) }
            return true
        }
        return false
    }

    private static func withAddress(
        _ address: inout sockaddr_storage, _ body: (UnsafeMutablePointer<sockaddr>) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }

    /// Sets a socket option. A failure is ignored here; if it matters, `bind` fails.
    private static func set(_ level: Int32, _ option: Int32, to value: Int32, on socket: Int32) {
        var value = value
        setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
