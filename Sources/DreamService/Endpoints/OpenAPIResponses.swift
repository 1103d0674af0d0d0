import HTTPServer
import ModelLibrary

/// The answers to requests for the description of the interface.
struct OpenAPIResponses: Sendable {
    private let yaml, json: [UInt8]
    private let tag: String

    /// - Throws: if the description cannot be made.
    init() throws {
        let document = try OpenAPIDocument()
        (yaml, json) = (document.yaml, document.json)
        var digest = Digest(.sha256)
        yaml.withUnsafeBytes { digest.update($0) }
        tag = String(digest.hexadecimal().prefix(32))
    }

    func yaml(for head: RequestHead) -> Response { response(yaml, "application/yaml", tag: "\"\(tag)\"", head) }

    func json(for head: RequestHead) -> Response { response(json, "application/json", tag: "\"\(tag)-json\"", head) }

    private func response(_ bytes: [UInt8], _ mediaType: String, tag: String, _ head: RequestHead) -> Response {
        var headers: Headers = ["ETag": tag, "Cache-Control": "no-cache"]
        guard !EntityTags(head.headers.values(of: "If-None-Match")).contains(tag) else {
            return Response(status: 304, headers: headers)
        }
        headers.append("Content-Type", mediaType)
        return Response(status: 200, headers: headers, body: bytes)
    }
}
