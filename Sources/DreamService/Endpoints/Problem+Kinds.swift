import DeepDream
import HTTPServer
import Imaging

// Mistakes of the client.
extension Problem {
    static let noImage = Problem(
        400, "no-image", title: "The request has no image",
        detail: "send the photo as the file field 'image' of a multipart/form-data body", field: "image")

    static let repeatedImage = Problem(
        400, "repeated-field", title: "A field is given more than once",
        detail: "send one photo in each request: the field 'image' is given more than once", field: "image")

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

    init(_ error: RecipeError) {
        switch error {
        case .unknownField(let name, let allowed):
            let name = Problem.shortened(name)
            self.init(
                400, "unknown-field", title: "There is no such field",
                detail: "\(RecipeError.unknownField(name: name, allowed: allowed))", field: name,
                allowed: (["image"] + allowed).joined(separator: ", "))
        case .invalidValue(let field, let value, let allowed):
            let value = Problem.shortened(value)
            self.init(
                400, "invalid-field", title: "A field has a value that is not allowed",
                detail: "\(RecipeError.invalidValue(field: field, value: value, allowed: allowed))",
                field: field, value: value, allowed: allowed)
        case .repeatedField(let name):
            self.init(
                400, "repeated-field", title: "A field is given more than once",
                detail: "\(error), in the form or the query", field: name)
        }
    }

    static func notFound(path: String) -> Problem {
        Problem(
            404, "not-found", title: "There is no such path",
            detail: "the service has POST /deepdream, GET /, GET /models, GET /healthz and GET /readyz", value: path)
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
        case .unsupportedContentCoding(let coding):
            self.init(
                415, "unsupported-coding", title: "The body is compressed or coded",
                detail: "send the body as it is, without Content-Encoding: \(Problem.shortened(coding))", value: coding,
                allowed: "identity, or no Content-Encoding")
        case .unsupportedMediaType(let type):
            self.init(
                415, "not-a-form", title: "The body is not a form",
                detail: "send multipart/form-data with the photo as the file field 'image'", value: type,
                allowed: "multipart/form-data, application/x-www-form-urlencoded")
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
