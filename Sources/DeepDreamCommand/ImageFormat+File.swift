import ArgumentParser
import Imaging

extension ImageFormat {
    /// The format that a file's extension names; nil for any other than those of pictures that can be written.
    init?(ofFile path: String) {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        switch parts.count > 1 ? parts.last?.lowercased() : nil {
        case "jpg", "jpeg": self = .jpeg
        case "png": self = .png
        case "webp": self = .webp
        case "avif": self = .avif
        default: return nil
        }
    }
}

/// The file of a contact sheet.
struct SheetFile {
    let path: String
    let format: ImageFormat

    private static let quality = 80

    /// - Throws: `ValidationError` if the extension names no format.
    init(_ path: String) throws {
        guard let format = ImageFormat(ofFile: path) else {
            throw ValidationError("'\(path)' does not end with .png, .jpg, .jpeg, .webp or .avif")
        }
        (self.path, self.format) = (path, format)
    }

    func write(_ sheet: Image) throws {
        try Files.write(try sheet.encoded(as: format, quality: Self.quality), to: path)
    }
}
