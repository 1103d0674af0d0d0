import HTTPServer

/// What a body that is not a form can be.
enum BodyType {
    /// One picture, of any format.
    case picture
    case json

    /// What the head's `Content-Type` says; nil if that is something else.
    init?(_ head: RequestHead) {
        guard let contentType = head.headers["Content-Type"], let type = ParameterizedValue(contentType.utf8) else {
            return nil
        }
        let name = type.value.lowercased()
        if name == "application/json" || name.hasSuffix("+json") {
            self = .json
        } else if name.hasPrefix("image/") || name == "application/octet-stream" {
            self = .picture
        } else {
            return nil
        }
    }
}
