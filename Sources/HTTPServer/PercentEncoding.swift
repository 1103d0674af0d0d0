/// Percent-encoding (RFC 3986, section 2.1).
package enum PercentEncoding {
    /// Decodes percent-encoded text.
    ///
    /// - Returns: nil if an escape is incomplete or not hexadecimal, if the decoded bytes are not UTF-8, or if one of
    ///   them is NUL, which would end the text for C code.
    package static func decode(_ encoded: some Sequence<UInt8>) -> String? {
        guard let bytes = bytes(of: encoded), !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Decodes percent-encoded bytes.
    ///
    /// - Returns: nil if an escape is incomplete or not hexadecimal.
    static func bytes(of encoded: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.underestimatedCount)
        var rest = encoded.makeIterator()
        while var byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(hexadecimalDigit), let low = rest.next().flatMap(hexadecimalDigit)
                else { return nil }
                byte = high << 4 | low
            }
            bytes.append(byte)
        }
        return bytes
    }

    private static func hexadecimalDigit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
