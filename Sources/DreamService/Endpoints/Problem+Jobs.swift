import DeepDream
import Imaging

extension Problem {
    /// The problem that describes why a job failed.
    init(_ error: any Error, deadlineSeconds: Int) {
        switch error {
        case let problem as Problem: self = problem
        case let cancellation as JobCancellation: self.init(cancellation, deadlineSeconds: deadlineSeconds)
        case let error as ScarceMemory: self = .memoryFull(retryAfterSeconds: error.retryAfterSeconds)
        case let error as ImageError: self.init(error)
        case let error as RecipeError: self.init(error)
        default: self = .internalError(error)
        }
    }
}

extension Problem {
    private static let allowedFiles =
        "a whole file in \(ImageFormat.list(ImageFormat.readable, conjunction: "or")) format"

    private init(_ error: ImageError) {
        switch error {
        case .unsupportedFormat, .unsupportedFeature:
            self.init(
                415, "unsupported-image", title: "The image has a format that is not supported",
                detail: "\(error)", field: "image", allowed: Self.allowedFiles)
        case .malformed:
            self.init(
                415, "broken-image", title: "The image is damaged", detail: "\(error)", field: "image",
                allowed: Self.allowedFiles)
        case .tooLarge(_, _, let limits):
            self.init(
                413, "image-too-large", title: "The image has too many pixels", detail: "\(error)", field: "image",
                allowed: "at most \(limits.maximumPixels) pixels, at most \(limits.maximumSide) on a side")
        case .outOfMemory:
            self = .memoryFull(retryAfterSeconds: 10)
            cause = "\(error)"
        case .cancelled, .invalidQuality, .invalidComment, .unencodable:
            self = .internalError(error)
        }
    }
}
