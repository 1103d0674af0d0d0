import CMicroHTTPD
import Glibc

/// A socket address as text, without its port; an IPv4 address mapped into IPv6 as IPv4.
func peerText(of address: UnsafePointer<sockaddr>?) -> String {
    guard let address else { return "unknown" }
    let size: Int
    switch Int32(address.pointee.sa_family) {
    case AF_INET: size = MemoryLayout<sockaddr_in>.size
    case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
    default: return "unknown"
    }
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { host -> String? in
        let result = getnameinfo(address, socklen_t(size), host.baseAddress, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        return result == 0 ? host.baseAddress.map { String(cString: $0) } : nil
    }
    guard let text else { return "unknown" }
    let mapped = "::ffff:"
    return text.hasPrefix(mapped) && text.contains(".") ? String(text.dropFirst(mapped.count)) : text
}
