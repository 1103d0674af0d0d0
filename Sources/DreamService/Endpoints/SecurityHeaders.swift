import HTTPServer
import Studio

/// What browsers may do with the service's answers.
enum SecurityHeaders {
    /// What the studio's page may do: use its own files and this service, show pictures that it made itself, and no
    /// more.
    private static let studioPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

    /// All else is no page, and loads nothing. Styles are allowed, because browsers show a picture that is opened by
    /// itself in a page of their own, whose styles count as the picture's.
    private static let strictPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

    /// The header fields of every answer, also of errors.
    ///
    /// - Parameter head: the request's.
    static func fields(for head: RequestHead) -> [(name: String, value: String)] {
        [
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", Studio.files[head.path] == nil ? strictPolicy : studioPolicy),
            ("Referrer-Policy", "no-referrer"),
        ]
    }
}
