/// How the end of a request's body is found (RFC 9112, section 6).
package enum BodyFraming: Equatable, Sendable {
    case none
    /// `Content-Length`, at least 1.
    case length(UInt64)
    case chunked

    /// Reads the framing from a head and refuses every head on which two parsers could disagree: what one takes
    /// for a body, the next may take for a second request. libmicrohttpd 0.9.75 lets all of these pass.
    ///
    /// Three things it hides from the guard, so a strict proxy belongs in front of a server that shares its
    /// connections: it takes a bare line feed for a line's end, an empty field name for the head's end, and cuts
    /// values at a NUL.
    package init(method: String, version: String, headers: Headers) throws(RequestFailure) {
        guard method.utf8.allSatisfy(Self.isTokenCharacter), !method.isEmpty else {
            throw .malformedHead(reason: "the method is not a token")
        }
        for (name, value) in headers.fields {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenCharacter) else {
                throw .malformedHead(reason: "a header field's name is not a token")
            }
            guard value.utf8.allSatisfy(Self.isFieldCharacter) else {
                throw .malformedHead(reason: "the header field \(name) has a control character")
            }
        }
        // The library's own check answers with two status lines.
        if version != "HTTP/1.0" && headers["Host"] == nil { throw .malformedHead(reason: "no Host") }
        for name in ["Host", "Content-Type"] where headers.values(of: name).count > 1 {
            throw .malformedHead(reason: "more than one \(name)")
        }

        let codings = headers.values(of: "Transfer-Encoding")
        let lengths = headers.values(of: "Content-Length")
        guard lengths.count <= 1 else { throw .malformedHead(reason: "more than one Content-Length") }
        if !codings.isEmpty {
            guard lengths.isEmpty else {
                throw .malformedHead(reason: "both Transfer-Encoding and Content-Length")
            }
            guard version != "HTTP/1.0" else { throw .malformedHead(reason: "Transfer-Encoding in HTTP/1.0") }
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw .malformedHead(reason: "a Transfer-Encoding other than chunked")
            }
            self = .chunked
        } else if let text = lengths.first {
            guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let length = UInt64(text)
            else { throw .malformedHead(reason: "a Content-Length that is no number") }
            self = length == 0 ? .none : .length(length)
        } else {
            self = .none
        }
    }

    /// `tchar` of RFC 9110, section 5.6.2.
    private static func isTokenCharacter(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(character)
        }
    }

    private static func isFieldCharacter(_ character: UInt8) -> Bool {
        character == UInt8(ascii: "\t") || (character >= 0x20 && character != 0x7F)
    }
}
