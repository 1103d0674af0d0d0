import Glibc

/// A bound TCP socket that accepts connections. Whoever creates it closes its descriptor.
struct ListeningSocket {
    let descriptor: Int32
    let port: Int
    let isIPv6: Bool

    /// Binds `host`, an address literal, and `port`, and listens.
    init(host: String, port: Int) throws(HTTPServerError) {
        func failure(_ reason: String) -> HTTPServerError { .cannotBind(host: host, port: port, reason: reason) }
        func systemFailure() -> HTTPServerError { failure(String(cString: strerror(errno))) }

        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found?.pointee else {
            throw failure("the host is not an IPv4 or IPv6 address")
        }
        defer { freeaddrinfo(found) }
        isIPv6 = address.ai_family == AF_INET6

        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(address.ai_family, type, 0)
        guard socket >= 0 else { throw systemFailure() }
        var isBound = false
        defer { if !isBound { close(socket) } }

        // A restarted server must get its port back from connections that linger in TIME_WAIT.
        try Self.enable(SOL_SOCKET, SO_REUSEADDR, on: socket, orThrow: systemFailure)
        if isIPv6 {
            var isOnly: Int32 = 0
            setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &isOnly, socklen_t(MemoryLayout<Int32>.size))
        }
        guard bind(socket, address.ai_addr, address.ai_addrlen) == 0 else { throw systemFailure() }
        guard listen(socket, SOMAXCONN) == 0 else { throw systemFailure() }

        var bound = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        guard result == 0 else { throw systemFailure() }
        self.port = withUnsafeBytes(of: &bound) { bytes in
            // The port stands at the same place in sockaddr_in and sockaddr_in6.
            Int(UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self)))
        }
        descriptor = socket
        isBound = true
    }

    private static func enable(
        _ level: Int32, _ option: Int32, on socket: Int32, orThrow failure: () -> HTTPServerError
    ) throws(HTTPServerError) {
        var enabled: Int32 = 1
        guard setsockopt(socket, level, option, &enabled, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw failure()
        }
    }
}
