import FoundationEssentials
import HTTPServer

/// What is wrong with a request, for the client: problem details according to RFC 9457.
package struct Problem: Error, Equatable, Sendable {
    package var status: Int
    /// The kind of problem, for programs. It is the last part of the document's `type`.
    package var kind: String
    /// A short description, the same for all problems of a kind.
    package var title: String
    /// What is wrong with this request, and what to do.
    package var detail: String
    /// The form field or query parameter that is wrong.
    package var field: String?
    /// The field's value, shortened if it is long.
    package var value: String?
    /// Which values are allowed.
    package var allowed: String?
    /// Additional header fields of the response, such as `Retry-After`.
    package var headers: Headers = [:]
    /// What happened in the service. It is only logged, never sent.
    package var cause: String?

    package init(
        _ status: Int, _ kind: String, title: String, detail: String, field: String? = nil, value: String? = nil,
        allowed: String? = nil, headers: Headers = [:], cause: String? = nil
    ) {
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.field = field
        self.value = value.map(Self.shortened)
        self.allowed = allowed
        self.headers = headers
        self.cause = cause
    }

    /// The media type of problem documents.
    package static let mediaType = "application/problem+json"

    /// Makes the response to the request with the ID `id`. Its label is the problem's kind.
    package func response(to id: String) -> Response {
        var headers = headers
        headers.append("Content-Type", Self.mediaType)
        headers.append("Cache-Control", "no-store")
        return Response(status: status, headers: headers, body: JSON.bytes(of: document(instance: id)), label: kind)
            .identified(by: id)
    }

    /// - Parameter instance: the ID of the request.
    func document(instance: String) -> Document {
        Document(
            type: "urn:problem-type:deepdream:\(kind)", title: title, status: status, detail: detail,
            instance: instance, field: field, value: value, allowed: allowed)
    }

    /// A problem as JSON.
    struct Document: Encodable {
        let type, title: String
        let status: Int
        let detail, instance: String
        let field, value, allowed: String?
    }

    /// Shortens a value from a client to about 200 characters. This counts Unicode scalars, because a single character
    /// can have any number of accents.
    static func shortened(_ value: String) -> String {
        value.utf8.count <= 200 ? value : String(value.unicodeScalars.prefix(200)) + "…"
    }
}
