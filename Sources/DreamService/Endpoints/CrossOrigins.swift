import HTTPServer

/// Which pages of other origins can use the service from a browser: the setting `cors-origins` (the fetch standard's
/// CORS protocol).
struct CrossOrigins: Sendable, Equatable {
    /// Every page of any origin, if `*` is listed.
    private let allowsAll: Bool
    private let origins: Set<String>

    /// - Parameter list: `*`, or origins such as `https://example.org`, separated by commas; nothing for none.
    /// - Returns: nil if one of them is not an origin.
    init?(list: String) {
        let names = list.split(separator: ",").map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
        guard names.allSatisfy({ $0 == "*" || Self.isOrigin($0) }) else { return nil }
        allowsAll = names.contains("*")
        origins = Set(names.map { $0.lowercased() })
    }

    /// Whether the text is a scheme, a host and maybe a port, as browsers send it: without a path and a last slash.
    private static func isOrigin(_ text: String) -> Bool {
        guard let schemeEnd = text.firstRange(of: "://") else { return false }
        let (scheme, host) = (text[..<schemeEnd.lowerBound], text[schemeEnd.upperBound...])
        return !scheme.isEmpty && scheme.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
            && !host.isEmpty
            && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\"*".utf8.contains($0) }
    }

    /// The header fields of every answer, also of errors, so that the page can read it.
    ///
    /// - Parameter head: the request's.
    func fields(for head: RequestHead) -> [(name: String, value: String)] {
        guard allowsAll || !origins.isEmpty else { return [] }
        // Answers that differ by origin must not be mixed up by caches.
        var fields: [(name: String, value: String)] = allowsAll ? [] : [("Vary", "Origin")]
        guard let origin = head.headers["Origin"], allowsAll || origins.contains(origin.lowercased()) else {
            return fields
        }
        fields.append(("Access-Control-Allow-Origin", allowsAll ? "*" : origin))
        if head.method == "OPTIONS", head.headers["Access-Control-Request-Method"] != nil {
            fields += [
                ("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE"),
                ("Access-Control-Allow-Headers", Self.requestFields), ("Access-Control-Max-Age", "86400"),
            ]
        } else {
            fields.append(("Access-Control-Expose-Headers", Self.responseFields))
        }
        return fields
    }

    /// What a page can send and read besides the few fields that every page can.
    private static let requestFields =
        "Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, "
        + "traceparent, X-API-Key, X-Request-ID"
    private static let responseFields =
        "Content-Disposition, DeepDream-Recipe, ETag, Location, Retry-After, Server-Timing, X-Request-ID"
}

/// A handler that adds header fields to all answers of another handler, also to errors.
struct HeaderAddingHandler: RequestHandler {
    let handler: any RequestHandler
    /// The fields of the answer to a request.
    let fields: @Sendable (RequestHead) -> [(name: String, value: String)]

    func admit(_ head: RequestHead) -> Admission {
        let admission = handler.admit(head)
        guard case .refuse(let response) = admission else { return admission }
        return .refuse(response.adding(fields(head)))
    }

    func handle(_ request: Request, _ exchange: any Exchange) {
        handler.handle(request, HeaderAddingExchange(exchange: exchange, fields: fields(request.head)))
    }

    func response(to failure: RequestFailure, of head: RequestHead) -> Response {
        handler.response(to: failure, of: head).adding(fields(head))
    }

    func completed(_ head: RequestHead, status: Int?, label: String?, duration: Duration) {
        handler.completed(head, status: status, label: label, duration: duration)
    }
}

private struct HeaderAddingExchange: Exchange {
    let exchange: any Exchange
    let fields: [(name: String, value: String)]

    func respond(_ response: Response) { exchange.respond(response.adding(fields)) }
    func onDisconnect(_ action: @escaping @Sendable () -> Void) { exchange.onDisconnect(action) }
}

extension Response {
    fileprivate func adding(_ fields: [(name: String, value: String)]) -> Response {
        var response = self
        for (name, value) in fields { response.headers.append(name, value) }
        return response
    }
}
