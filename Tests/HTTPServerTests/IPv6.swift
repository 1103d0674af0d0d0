import Glibc

/// What this machine supports of IPv6, for tests that need it.
enum IPv6 {
    /// Whether a socket can be bound to `::`.
    static let isSupported = canBind(in6addr_any)
    /// Whether the loopback address `::1` exists.
    static let hasLoopback = canBind(in6addr_loopback)

    private static func canBind(_ address: in6_addr) -> Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var socketAddress = sockaddr_in6()
        socketAddress.sin6_family = sa_family_t(AF_INET6)
        socketAddress.sin6_addr = address
        return withUnsafePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        } == 0
    }
}
