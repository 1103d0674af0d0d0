/// How the length of a request's body is determined (RFC 9112, section 6).
package enum BodyFraming: Equatable, Sendable {
    case none
    /// `Content-Length`, at least 1.
    case length(UInt64)
    case chunked

    /// Reads the framing from a head. Refuses every head that two HTTP parsers could read differently, because what one
    /// of them takes for a body, the other may take for a second request (request smuggling). libmicrohttpd 0.9.75
    /// accepts all of these.
    ///
    /// Three ambiguities are not visible here: libmicrohttpd accepts a bare line feed as the end of a line, takes an
    /// empty field name for the end of the head, and cuts values at a NUL. If several clients share connections to this
    /// server, put a strict proxy in front of it.
    package init(method: String, version: String, headers: Headers) throws(RequestFailure) {
        guard method.utf8.allSatisfy(Self.isTokenCharacter), !method.isEmpty else {
            throw .malformedHead(reason: "the method has a character that is not allowed")
        }
        for (name, value) in headers.fields {
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenCharacter) else {
                throw .malformedHead(
                    reason: "the name of a header field is empty or has a character that is not allowed")
            }
            guard value.utf8.allSatisfy(Self.isFieldCharacter) else {
                throw .malformedHead(reason: "the header field \(name) has a control character")
            }
        }
        // Checked here because libmicrohttpd answers a missing Host with two status lines.
        if version != "HTTP/1.0" && headers["Host"] == nil {
            throw .malformedHead(reason: "the header field Host is missing")
        }
        for name in ["Host", "Content-Type"] where headers.values(of: name).count > 1 {
            throw .malformedHead(reason: "the header field \(name) occurs more than once")
        }

        let codings = headers.values(of: "Transfer-Encoding")
        let lengths = headers.values(of: "Content-Length")
        guard lengths.count <= 1 else {
            throw .malformedHead(reason: "the header field Content-Length occurs more than once")
        }
        if !codings.isEmpty {
            guard lengths.isEmpty else {
                throw .malformedHead(
                    reason: "there are both Transfer-Encoding and Content-Length; send only one of them")
            }
            guard version != "HTTP/1.0" else {
                throw .malformedHead(reason: "HTTP/1.0 does not have Transfer-Encoding; send Content-Length")
            }
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw .malformedHead(reason: "the only Transfer-Encoding that is allowed is chunked")
            }
            self = .chunked
        } else if let text = lengths.first {
            guard let length = Self.length(text) else { throw Self.unusableLength }
            self = length == 0 ? .none : .length(length)
        } else {
            self = .none
        }
    }

    /// What is wrong with a `Content-Length` that is no number or too large.
    static let unusableLength = RequestFailure.malformedHead(
        reason: "Content-Length is not a whole number, or larger than any body")

    /// Whether a head, of which more may come, has such a `Content-Length`.
    static func hasUnusableLength(_ headers: Headers) -> Bool {
        headers.values(of: "Content-Length").contains { length($0) == nil }
    }

    private static func length(_ text: String) -> UInt64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt64(text) : nil
    }

    /// Whether a character may occur in a token (`tchar` of RFC 9110, section 5.6.2).
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
