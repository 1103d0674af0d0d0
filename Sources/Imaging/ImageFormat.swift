import CImageCodecs

/// The encodings that this module knows. Which of them it reads and writes depends on the libraries that it was built
/// with: see ``readable`` and ``writable``.
public enum ImageFormat: String, CaseIterable, Codable, Sendable {
    case jpeg
    case png
    case webp
    case avif
    case heic
    case gif
    case tiff

    /// The formats that can be decoded here, in the order of ``allCases``.
    public static let readable = allCases.filter(\.isReadable)

    /// The formats that can be encoded here, in the order of ``allCases``.
    public static let writable = allCases.filter(\.isWritable)

    /// The media type, for a `Content-Type` header.
    public var mediaType: String { "image/\(rawValue)" }

    /// The usual extension of file names, without the dot.
    public var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        default: rawValue
        }
    }

    /// The format's usual name.
    public var name: String {
        switch self {
        case .webp: "WebP"
        default: rawValue.uppercased()
        }
    }

    /// Names in a sentence: "JPEG, PNG and WebP".
    public static func list(_ formats: [ImageFormat], conjunction: String = "and") -> String {
        let names = formats.map(\.name)
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }

    private var isReadable: Bool {
        switch self {
        case .jpeg, .png: true
        case .webp: ic_webp_is_available() != 0
        case .avif: ic_avif_can_decode() != 0
        case .heic: ic_heic_can_decode() != 0
        case .gif: ic_gif_is_available() != 0
        case .tiff: ic_tiff_is_available() != 0
        }
    }

    private var isWritable: Bool {
        switch self {
        case .jpeg, .png: true
        case .webp: ic_webp_is_available() != 0
        case .avif: ic_avif_can_encode() != 0
        case .heic, .gif, .tiff: false
        }
    }
}
