/// The two media types of HTML forms.
package enum FormType: Equatable, Sendable {
    case multipart
    case urlEncoded

    /// Reads a `Content-Type`. Throws `unsupportedMediaType` for a type that is no form, and `malformedForm` for a
    /// multipart form whose boundary is missing or written as libmicrohttpd cannot read it: it takes all that
    /// follows `boundary=`, in lower case, for the boundary, and wants two characters at least.
    package init(contentType: String?) throws(RequestFailure) {
        guard let contentType else { throw .unsupportedMediaType(nil) }
        let end = contentType.firstIndex(of: ";") ?? contentType.endIndex
        switch contentType[..<end].lowercased().filter({ $0 != " " && $0 != "\t" }) {
        case "application/x-www-form-urlencoded":
            self = .urlEncoded
        case "multipart/form-data":
            try Self.checkBoundary(in: contentType[end...])
            self = .multipart
        default:
            throw .unsupportedMediaType(contentType)
        }
    }

    /// `boundary` of RFC 2046, section 5.1.1, at the end of `parameters`, quoted or not.
    private static func checkBoundary(in parameters: Substring) throws(RequestFailure) {
        let parts = parameters.split(separator: "boundary=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let before = parts[0].last, ";\t ".contains(before) else {
            throw .malformedForm(reason: "the Content-Type has no boundary")
        }
        var boundary = parts[1]
        let isQuoted = boundary.first == "\""
        if isQuoted {
            guard boundary.count >= 2, boundary.last == "\"" else {
                throw .malformedForm(reason: "the boundary must be the Content-Type's last parameter")
            }
            boundary = boundary.dropFirst().dropLast()
        }
        guard (2...70).contains(boundary.utf8.count), boundary.utf8.allSatisfy(isBoundaryCharacter) else {
            throw .malformedForm(
                reason:
                    "the boundary must be the Content-Type's last parameter, 2 to 70 letters, digits or '()+_,-./:=?")
        }
    }

    private static func isBoundaryCharacter(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "'()+_,-./:=?".utf8.contains(character)
        }
    }
}
