import CMicroHTTPD
import Glibc

/// The address of a client.
enum PeerAddress {
    /// A socket address as text, without the port; `unknown` if it is not an IP address.
    ///
    /// An IPv4 address that is mapped into IPv6 (`::ffff:192.0.2.1`) is written as IPv4.
    static func text(of address: UnsafePointer<sockaddr>?) -> String {
        guard let address else { return "unknown" }
        let family = Int32(address.pointee.sa_family)
        let raw = UnsafeRawPointer(address)
        let number: UnsafeRawPointer
        switch family {
        case AF_INET: number = raw + (MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 0)
        case AF_INET6: number = raw + (MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 0)
        default: return "unknown"
        }
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(family, number, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
        }
        guard let text else { return "unknown" }
        let mapped = "::ffff:"
        return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
    }
}
