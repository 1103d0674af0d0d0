import HTTPServer

/// Finds out the address of the client behind the proxies that the operator trusts: the setting `trusted-proxies`.
package enum ClientAddress {
    /// The client's address as text.
    ///
    /// Each proxy adds the address that it was asked from at the end of `X-Forwarded-For` or `Forwarded` (RFC 7239). So
    /// the list is read from its end, for as long as the addresses are those of trusted proxies: what stands before the
    /// first other address can be a lie. `X-Forwarded-For` counts if both are there, because proxies that write it pass
    /// on the other as it came.
    ///
    /// - Parameter proxies: whose word counts.
    package static func of(_ head: RequestHead, behind proxies: [AddressRange]) -> String {
        guard var address = IPAddress(head.peer) else { return head.peer }
        guard !proxies.isEmpty else { return head.peer }
        let list = head.headers.values(of: "X-Forwarded-For")
        let hops =
            list.isEmpty
            ? head.headers.values(of: "Forwarded").flatMap(elements).map(forwardedFor)
            : list.flatMap { $0.split(separator: ",") }.map { IPAddress(node: $0) }
        for hop in hops.reversed() {
            guard proxies.contains(where: { $0.contains(address) }), let hop else { break }
            address = hop
        }
        return address.text
    }

    /// The elements of a `Forwarded` field. A comma in a quoted text does not divide them.
    private static func elements(_ field: String) -> [Substring] {
        var isQuoted = false
        return field.split { character in
            if character == "\"" { isQuoted.toggle() }
            return character == "," && !isQuoted
        }
    }

    private static func forwardedFor(_ element: Substring) -> IPAddress? {
        guard let value = ParameterizedValue(";\(element)".utf8)?["for"] else { return nil }
        return IPAddress(node: String(decoding: value, as: UTF8.self))
    }
}

extension IPAddress {
    /// Reads an address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
    fileprivate init?(node: some StringProtocol) {
        let text = String(node.filter { $0 != " " && $0 != "\t" })
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            self.init(String(text[text.index(after: text.startIndex)..<end]))
        } else if text.filter({ $0 == ":" }).count == 1 {
            self.init(String(text.prefix { $0 != ":" }))
        } else {
            self.init(text)
        }
    }
}
