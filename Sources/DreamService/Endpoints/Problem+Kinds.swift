import DeepDream
import HTTPServer
import Imaging
import VisionNet

// Mistakes of the client.
extension Problem {
    static let noImage = Problem(
        400, "no-image", title: "The request has no image",
        detail: "send the photo as the file field 'image' of a form (curl -F image=@photo.jpg), as the member 'image' "
            + "of a JSON object, or as the body itself, with a Content-Type such as image/jpeg",
        field: "image")

    /// A file came in another field than `image`.
    static func misnamedFile(field: String, allowed: [String]) -> Problem {
        let field = shortened(field)
        return Problem(
            400, "no-image", title: "The request has no image",
            detail: "there is a file in the field '\(field)', but the photo must be in the field 'image'; with curl: "
                + "-F image=@photo.jpg",
            field: field, allowed: allowed.joined(separator: ", "))
    }

    /// Text came where a file was expected.
    static func textInsteadOfFile(field: String, text: String) -> Problem {
        let text = shortened(text)
        let advice =
            if text.hasPrefix("http://") || text.hasPrefix("https://") {
                "the service downloads nothing; with curl: curl -L '\(text)' | curl -F \(field)=@- …"
            } else {
                "with curl, @ sends the file of a name: -F \(field)=@\(text.drop { $0 == "@" || $0 == "<" })"
            }
        return Problem(
            400, "no-image", title: "The request has no image",
            detail: "the field '\(field)' is the text '\(text)', not a file; \(advice)", field: field, value: text)
    }

    static func fileInQuery(field: String) -> Problem {
        Problem(
            400, "no-image", title: "The request has no image",
            detail: "'\(field)' is a file, which belongs into the body and not into the query; with curl: "
                + "-F \(field)=@photo.jpg",
            field: field)
    }

    static func repeatedFile(field: String) -> Problem {
        Problem(
            400, "repeated-field", title: "A field is given more than once",
            detail: "send one picture as '\(field)' in each request: the field is given more than once", field: field)
    }

    static func notBase64(field: String, text: String) -> Problem {
        Problem(
            400, "invalid-field", title: "A field has a value that is not allowed",
            detail: "'\(field)' must be a file in base64, or a data URL with base64", field: field,
            value: String(text.prefix(40)), allowed: "base64, or data:image/jpeg;base64,…")
    }

    /// - Parameters:
    ///   - error: what the decoder says.
    ///   - example: what a request looks like.
    static func malformedJSON(_ error: any Error, example: String) -> Problem {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "" : " at '\(shortened(path.map(\.stringValue).joined(separator: ".")))'"
        }
        let reason =
            switch error {
            case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
                DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
                "\(shortened(context.debugDescription))\(place(context.codingPath))"
            default: "it cannot be read"
            }
        return Problem(
            400, "malformed-json", title: "The JSON cannot be read",
            detail: "the body must be an object such as \(example): \(reason)")
    }

    static func notAcceptable(_ accept: String, offers: [String]) -> Problem {
        let offers = offers.joined(separator: ", ")
        return Problem(
            406, "not-acceptable", title: "The answer cannot have any type that the client accepts",
            detail: "Accept excludes all types that this answer can have: \(offers)", value: accept, allowed: offers)
    }

    static func notText(field: String) -> Problem {
        Problem(
            400, "invalid-field", title: "A field has a value that is not allowed",
            detail: "the field '\(field)' must be UTF-8 text", field: field, allowed: "UTF-8 text")
    }

    static func sizeTooLarge(_ size: OutputSize, width: Int, height: Int, maximumPixels: Int) -> Problem {
        let sides = OutputSize.allowedSides
        return Problem(
            400, "invalid-field", title: "A field has a value that is not allowed",
            detail: "the dream would have \(width)x\(height) pixels; this service makes dreams of at most "
                + "\(maximumPixels) pixels, each side from \(sides.lowerBound) to \(sides.upperBound)",
            field: "size", value: size.text,
            allowed: "a size of at most \(maximumPixels) pixels, each side from \(sides.lowerBound) to "
                + "\(sides.upperBound)")
    }

    /// - Parameter files: the fields that are files, for requests with an unknown one.
    init(_ error: RecipeError, files: [String] = RequestVocabulary.dream.files) {
        switch error {
        case .unknownField(let name, let allowed):
            let name = Problem.shortened(name)
            let names = files + allowed
            let similar = SimilarNames.of(name, among: names).joined(separator: "' or '")
            self.init(
                400, "unknown-field", title: "There is no such field",
                detail: "there is no field '\(name)'" + (similar.isEmpty ? "" : "; did you mean '\(similar)'?"),
                field: name, allowed: names.joined(separator: ", "))
        case .invalidValue(let field, let value, let allowed):
            let value = Problem.shortened(value)
            // A long list is in the problem's own member `allowed`; people need not read it twice.
            let isShort = allowed.utf8.count <= 200
            self.init(
                400, "invalid-field", title: "A field has a value that is not allowed",
                detail: isShort
                    ? "\(RecipeError.invalidValue(field: field, value: value, allowed: allowed))"
                    : "\(field) cannot be '\(value)'; 'allowed' has what it can be",
                field: field, value: value, allowed: allowed)
        case .repeatedField(let name):
            self.init(
                400, "repeated-field", title: "A field is given more than once",
                detail: "\(error), in the form or the query", field: name)
        case .contradiction(let field, let value, _):
            self.init(
                400, "contradictory-field", title: "A field contradicts another",
                detail: "\(error)", field: field, value: value)
        }
    }

    static func notFound(path: String) -> Problem {
        Problem(
            404, "not-found", title: "There is no such path",
            detail: "dreams are made by POST /deepdream and POST /jobs; GET /openapi.yaml describes every path",
            value: path)
    }

    static func methodNotAllowed(_ method: String, allowed: [String]) -> Problem {
        let list = allowed.joined(separator: ", ")
        return Problem(
            405, "method-not-allowed", title: "The path does not have this method",
            detail: "\(method) is not allowed for this path; use \(list)", allowed: list, headers: ["Allow": list])
    }
}

// Failures before the request was complete.
extension Problem {
    init(_ failure: RequestFailure) {
        switch failure {
        case .malformedHead(let reason):
            self.init(400, "malformed-request", title: "The request is not valid HTTP", detail: reason)
        case .malformedForm(let reason):
            self.init(400, "malformed-form", title: "The form cannot be read", detail: reason)
        case .bodyTooLarge(let maximum):
            self.init(
                413, "too-large", title: "The upload is too large",
                detail: "the request's body may have at most \(maximum) bytes", allowed: "at most \(maximum) bytes")
        case .bodyTooSlow(let reason):
            self.init(408, "too-slow", title: "The upload is too slow", detail: reason)
        case .noMemory:
            self = .uploadMemoryFull(retryAfterSeconds: 1)
        case .unsupportedContentCoding(let coding):
            self.init(
                415, "unsupported-coding", title: "The body is compressed or coded",
                detail: "send the body as it is, without Content-Encoding: \(Problem.shortened(coding))", value: coding,
                allowed: "identity, or no Content-Encoding")
        case .unsupportedMediaType(let type):
            self.init(
                415, "unsupported-media-type", title: "The body has a type that is not supported",
                detail: "send a form (multipart/form-data) with the photo as the file field 'image', the photo itself, "
                    + "or JSON; the Content-Type must say which",
                value: type,
                allowed: "multipart/form-data, application/x-www-form-urlencoded, image/*, application/octet-stream, "
                    + "application/json")
        }
    }
}

// Failures of the service.
extension Problem {
    init(_ refusal: JobQueue.Refusal) {
        switch refusal {
        case .full(let seconds):
            self.init(
                503, "queue-full", title: "The service is busy",
                detail: "the queue is full; try again in \(seconds) seconds",
                headers: ["Retry-After": String(seconds)])
        case .late(let seconds):
            self.init(
                503, "queue-late", title: "The service is busy",
                detail: "the jobs before this one would take too long; try again in \(seconds) seconds",
                headers: ["Retry-After": String(seconds)])
        case .closed:
            self = .shuttingDown
        }
    }

    static func uploadMemoryFull(retryAfterSeconds seconds: Int) -> Problem {
        Problem(
            503, "uploads-full", title: "The service is busy",
            detail: "the memory for uploads is full; try again in \(seconds) seconds",
            headers: ["Retry-After": String(seconds)])
    }

    static let tooManyConnections = Problem(
        503, "too-many-connections", title: "The service is busy",
        detail: "too many connections are open; try again in a second",
        headers: ["Retry-After": "1", "Connection": "close"])

    static let shuttingDown = Problem(
        503, "shutting-down", title: "The service is shutting down",
        detail: "the service accepts no more jobs; try again in 5 seconds", headers: ["Retry-After": "5"])

    init(_ cancellation: JobCancellation, deadlineSeconds: Int) {
        switch cancellation {
        case .deadlinePassed:
            self.init(
                504, "deadline-passed", title: "The dream took too long",
                detail: "it was not finished within \(deadlineSeconds) seconds, including the wait for a worker; "
                    + "choose a smaller size or fewer steps, or try again when the service is less busy")
        case .shuttingDown:
            self = .shuttingDown
        case .clientLeft:
            // This response is only logged. nginx uses the same status.
            self.init(499, "client-left", title: "The client disconnected", detail: "the connection was closed")
        }
    }

    static func internalError(_ error: any Error) -> Problem {
        Problem(
            500, "internal-error", title: "The service failed",
            detail: "an unexpected error occurred; the service's log has the reason under this request's ID",
            cause: "\(error)")
    }
}
