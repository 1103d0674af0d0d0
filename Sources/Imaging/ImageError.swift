/// Why a picture could not be read or written.
public enum ImageError: Error, Equatable, Sendable {
    /// The file has a format that is not read here. `found` names its format if it is a well-known one.
    case unsupportedFormat(found: String?)

    /// The file is valid, but uses a feature that the codec does not support.
    case unsupportedFeature(ImageFormat, reason: String)

    /// The file is cut short, damaged, or violates its format's specification.
    case malformed(ImageFormat, reason: String)

    /// The dimensions in the file's header (in pixels, as shown) exceed the limits.
    case tooLarge(width: Int, height: Int, limits: ImageLimits)

    /// The work was cancelled by ``DecodingOptions/isCancelled`` or ``EncodingOptions/isCancelled``.
    case cancelled

    /// There was not enough memory for the codec.
    case outOfMemory(ImageFormat)

    /// A quality outside of 1...100.
    case invalidQuality(Int)

    /// A comment that the format cannot hold.
    case invalidComment(ImageFormat, reason: String)

    /// The picture cannot be written in the format, for example because a side is longer than the format allows.
    case unencodable(ImageFormat, reason: String)
}

extension ImageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unsupportedFormat(let found?):
            "The file is a \(found) file; \(ImageFormat.list(ImageFormat.readable)) are supported."
        case .unsupportedFormat(nil):
            "The file is not a picture in \(ImageFormat.list(ImageFormat.readable, conjunction: "or")) format."
        case .cancelled:
            "The work on the picture was cancelled."
        case .unsupportedFeature(let format, let reason):
            "The \(format.name) file uses a feature that is not supported: \(reason)."
        case .malformed(let format, let reason):
            "The \(format.name) file is damaged: \(reason)."
        case .tooLarge(let width, let height, let limits):
            "The picture has \(width)×\(height) pixels; at most \(limits.maximumSide) on a side "
                + "and \(limits.maximumPixels) in all are accepted."
        case .outOfMemory(let format):
            "There is not enough memory for the \(format.name) codec."
        case .invalidQuality(let quality):
            "The quality is \(quality); 1 to 100 is allowed."
        case .invalidComment(let format, let reason):
            "The comment does not fit into a \(format.name) file: \(reason)."
        case .unencodable(let format, let reason):
            "The picture cannot be written as \(format.name): \(reason)."
        }
    }
}
