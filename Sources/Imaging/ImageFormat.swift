/// The encodings that this module reads and writes.
public enum ImageFormat: String, CaseIterable, Codable, Sendable {
    case jpeg
    case png

    /// The media type of RFC 2046, as a `Content-Type` has it.
    public var mediaType: String { "image/\(rawValue)" }
}
