import FoundationEssentials
import HTTPServer

/// What went wrong with a request, as the client may read it: RFC 9457's problem details.
///
/// What only the log may keep is `cause`, which no response shows.
package struct Problem: Error, Equatable, Sendable {
    package var status: Int
    /// Names the kind of problem for programs; part of its `type`.
    package var kind: String
    /// The same for all problems of a kind.
    package var title: String
    /// What is wrong this time, and how to mend it.
    package var detail: String
    /// The form field or query parameter at fault.
    package var field: String?
    /// The value it had.
    package var value: String?
    /// What the field allows.
    package var allowed: String?
    /// Header fields beside the content's own: `Retry-After`, `Allow`.
    package var headers: Headers = [:]
    /// What happened inside, for the log.
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

    /// The media type of problems.
    package static let mediaType = "application/problem+json"

    /// The problem as the answer to the request of this identity, labelled with its kind.
    package func response(to id: String) -> Response {
        var headers = headers
        headers.append("Content-Type", Self.mediaType)
        headers.append("Cache-Control", "no-store")
        let document = Document(
            type: "urn:problem-type:deepdream:\(kind)", title: title, status: status, detail: detail, instance: id,
            field: field, value: value, allowed: allowed)
        return Response(status: status, headers: headers, body: JSON.bytes(of: document), label: kind).identified(
            by: id)
    }

    private struct Document: Encodable {
        let type, title: String
        let status: Int
        let detail, instance: String
        let field, value, allowed: String?
    }

    /// An answer need not echo a megabyte, nor a single letter with a million accents.
    static func shortened(_ value: String) -> String {
        value.utf8.count <= 200 ? value : String(value.unicodeScalars.prefix(200)) + "…"
    }
}
