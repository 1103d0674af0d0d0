/// The encodings that this module reads and writes.
public enum ImageFormat: String, CaseIterable, Codable, Sendable {
    case jpeg
    case png

    /// The media type, for a `Content-Type` header.
    public var mediaType: String { "image/\(rawValue)" }
}
