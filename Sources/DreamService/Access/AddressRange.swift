import Glibc

/// An IP address, or a block of them such as `10.0.0.0/8` (CIDR, RFC 4632). IPv4 addresses are the same as those that
/// are mapped into IPv6 (`::ffff:10.0.0.1`).
package struct AddressRange: Sendable, Equatable {
    private let address: IPAddress
    /// How many of the 128 bits count.
    private let prefix: Int

    /// - Returns: nil if the text is neither an address nor a block.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        let longest = address.isIPv4 ? 32 : 128
        var length = longest
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...longest).contains(given) else { return nil }
            length = given
        }
        self.address = address
        prefix = 128 - longest + length
    }

    package func contains(_ other: IPAddress) -> Bool {
        let whole = prefix / 8
        guard address.bytes[..<whole] == other.bytes[..<whole] else { return false }
        guard prefix % 8 > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> (prefix % 8))
        return address.bytes[whole] & mask == other.bytes[whole] & mask
    }

    /// - Parameter list: addresses and blocks, separated by commas or blanks.
    /// - Returns: nil if one of them is neither.
    package static func list(_ list: String) -> [AddressRange]? {
        var ranges: [AddressRange] = []
        for text in list.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            guard let range = AddressRange(text) else { return nil }
            ranges.append(range)
        }
        return ranges
    }
}

/// An IP address as the 16 bytes of IPv6.
package struct IPAddress: Sendable, Equatable {
    package let bytes: [UInt8]

    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// - Returns: nil if the text is not an IPv4 or IPv6 address.
    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.bytes = bytes
        } else if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Self.mappedPrefix + bytes[..<4]
        } else {
            return nil
        }
    }

    package var isIPv4: Bool { bytes.starts(with: Self.mappedPrefix) }

    /// The address as text: an IPv4 address without the prefix of IPv6.
    package var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            let family = isIPv4 ? AF_INET : AF_INET6
            let number = isIPv4 ? Array(bytes[12...]) : bytes
            return inet_ntop(family, number, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) }
                ?? "unknown"
        }
    }

    /// What one client can be expected to have: an IPv4 address, or a network of IPv6 with 64 bits (RFC 6177).
    package var network: String {
        guard !isIPv4 else { return text }
        var start = self.bytes
        for index in 8..<16 { start[index] = 0 }
        return IPAddress(bytes: start).text + "/64"
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }
}
