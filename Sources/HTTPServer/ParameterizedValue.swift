/// The value of a header field with parameters, such as `form-data; name="image"` (RFC 9110, section 5.6.6).
///
/// It also reads what widely used clients send beyond that: blanks around `=`, parameters without a value, which are
/// left out, a semicolon at the end, and quotation marks that nobody has escaped.
package struct ParameterizedValue: Sendable {
    /// What stands before the first semicolon, without the blanks around it.
    package let value: String
    private let parameters: [(name: String, value: [UInt8])]

    /// - Returns: nil if a quotation mark is opened and never closed.
    package init?(_ text: some Collection<UInt8>) {
        var rest = text[...]
        value = String(decoding: Self.trimmed(Self.take(from: &rest, until: ";")), as: UTF8.self)
        var parameters: [(name: String, value: [UInt8])] = []
        while !rest.isEmpty {
            rest = rest.dropFirst()
            let nameEnd = rest.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ";") } ?? rest.endIndex
            let name = String(decoding: Self.trimmed(rest[..<nameEnd]), as: UTF8.self).lowercased()
            rest = rest[nameEnd...]
            guard rest.first == UInt8(ascii: "=") else { continue }
            rest = rest.dropFirst().drop(while: Self.isBlank)
            if rest.first == UInt8(ascii: "\"") {
                guard let value = Self.takeQuoted(from: &rest) else { return nil }
                parameters.append((name, value))
            } else {
                parameters.append((name, Array(Self.trimmed(Self.take(from: &rest, until: ";")))))
            }
        }
        self.parameters = parameters
    }

    /// The first parameter of this name, which is in lower case.
    package subscript(_ name: String) -> [UInt8]? {
        parameters.first { $0.name == name }?.value
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func trimmed<Bytes: Collection<UInt8>>(_ bytes: Bytes) -> [UInt8] {
        var bytes = Array(bytes.drop(while: isBlank))
        while bytes.last.map(isBlank) == true { bytes.removeLast() }
        return bytes
    }

    private static func take<Bytes: Collection<UInt8>>(
        from rest: inout Bytes, until end: Unicode.Scalar
    ) -> Bytes where Bytes.SubSequence == Bytes {
        let index = rest.firstIndex(of: UInt8(ascii: end)) ?? rest.endIndex
        defer { rest = rest[index...] }
        return rest[..<index]
    }

    /// Reads a quoted string and the blanks after it, up to the next semicolon.
    ///
    /// A quotation mark ends the string only if nothing else follows it: old clients send `filename="a "b".jpg"`. A
    /// backslash escapes a quotation mark or a backslash; other ones are part of a Windows path.
    private static func takeQuoted<Bytes: Collection<UInt8>>(
        from rest: inout Bytes
    ) -> [UInt8]? where Bytes.SubSequence == Bytes {
        let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
        var value: [UInt8] = []
        rest = rest.dropFirst()
        while let byte = rest.first {
            rest = rest.dropFirst()
            if byte == backslash, let next = rest.first, next == quote || next == backslash {
                value.append(next)
                rest = rest.dropFirst()
            } else if byte == quote {
                let following = rest.drop(while: isBlank)
                if following.isEmpty || following.first == UInt8(ascii: ";") {
                    rest = following
                    return value
                }
                value.append(byte)
            } else {
                value.append(byte)
            }
        }
        return nil
    }
}
