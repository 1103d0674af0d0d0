/// The two media types that HTML forms are sent in.
package enum FormType: Equatable, Sendable {
    case multipart
    case urlEncoded

    /// Reads a `Content-Type`.
    ///
    /// - Throws: `unsupportedMediaType` if it is not the type of a form. `malformedForm` if a multipart form has no
    ///   boundary or one that libmicrohttpd would misread: it takes everything after a lower-case `boundary=` for the
    ///   boundary, and needs at least two characters.
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

    /// Checks that `parameters` end with a boundary (RFC 2046, section 5.1.1), with or without quotation marks.
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
