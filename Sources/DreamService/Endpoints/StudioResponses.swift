import HTTPServer
import Studio

/// The answers to requests for the studio's files.
enum StudioResponses {
    /// The file that is asked for; nil if there is none at this path.
    static func response(to head: RequestHead) -> Response? {
        guard let file = Studio.files[head.path] else { return nil }
        let gzip = acceptsGzip(head) ? file.gzip : nil
        let tag = gzip == nil ? file.entityTag : file.gzipEntityTag
        var headers: Headers = [
            "ETag": tag,
            // The page itself names the version of its files, so it must be asked for again.
            "Cache-Control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        if file.gzip != nil { headers.append("Vary", "Accept-Encoding") }
        guard !EntityTags(head.headers.values(of: "If-None-Match")).contains(tag) else {
            return Response(status: 304, headers: headers)
        }
        headers.append("Content-Type", file.mediaType)
        if gzip != nil { headers.append("Content-Encoding", "gzip") }
        return Response(status: 200, headers: headers, body: gzip ?? file.bytes)
    }

    /// Whether the client reads gzip (RFC 9110, section 12.5.3).
    private static func acceptsGzip(_ head: RequestHead) -> Bool {
        head.headers.values(of: "Accept-Encoding").flatMap { $0.split(separator: ",") }.contains { coding in
            let parts = coding.lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: ";")
            let isRefused = parts.dropFirst().contains { $0.hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
            return parts.first == "gzip" && !isRefused
        }
    }
}
