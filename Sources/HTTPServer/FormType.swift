/// The two media types that HTML forms are sent in.
package enum FormType: Equatable, Sendable {
    /// `multipart/form-data` with this boundary.
    case multipart(boundary: [UInt8])
    case urlEncoded

    /// Reads a `Content-Type`.
    ///
    /// - Throws: `unsupportedMediaType` if it is not the type of a form; `malformedForm` if a multipart form has no
    ///   boundary, or one that RFC 2046 does not allow (section 5.1.1; other visible characters than it lists are
    ///   accepted, because clients use them).
    package init(contentType: String?) throws(RequestFailure) {
        guard let contentType else { throw .unsupportedMediaType(nil) }
        let end = contentType.firstIndex(of: ";") ?? contentType.endIndex
        switch contentType[..<end].lowercased().filter({ $0 != " " && $0 != "\t" }) {
        case "application/x-www-form-urlencoded":
            self = .urlEncoded
        case "multipart/form-data":
            guard let parameters = ParameterizedValue(contentType.utf8) else {
                throw .malformedForm(reason: "the Content-Type has a quotation mark that is not closed")
            }
            guard let boundary = parameters["boundary"], !boundary.isEmpty else {
                throw .malformedForm(reason: "the Content-Type has no boundary")
            }
            guard boundary.count <= 70, boundary.allSatisfy({ (0x20...0x7E).contains($0) }), boundary.last != 0x20
            else {
                throw .malformedForm(
                    reason: "the Content-Type's boundary must have 1 to 70 ASCII characters, the last not a space")
            }
            self = .multipart(boundary: boundary)
        default:
            throw .unsupportedMediaType(contentType)
        }
    }
}
