/// The name of a dream's file, made from that of its photo: `cat.png` becomes `cat-dream.jpg`.
struct DreamFileName {
    private let name: String

    /// - Parameter photo: what the client called the photo's file: any text, maybe with a path.
    init(photo: String?, extension fileExtension: String) {
        let last = (photo ?? "").split { $0 == "/" || $0 == "\\" }.last ?? ""
        let stem = last.lastIndex(of: ".").map { last[..<$0] } ?? last
        // No control characters, and nothing that file systems or shells take for something else.
        let safe = String(
            String.UnicodeScalarView(
                stem.unicodeScalars.prefix(100).filter { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                        false
                    default: !"\"*:<>?|%".unicodeScalars.contains(scalar)
                    }
                }))
        // curl calls what it reads from standard input "-".
        let trimmed = safe.drop { ". -".contains($0) }
        name = (trimmed.isEmpty ? "dream" : "\(trimmed)-dream") + "." + fileExtension
    }

    /// The parameters of `Content-Disposition` (RFC 6266): for old clients one in ASCII, and one in UTF-8 if the name
    /// has other characters.
    var parameters: String {
        let plain = String(String.UnicodeScalarView(name.unicodeScalars.map { $0.isASCII ? $0 : "_" }))
        guard plain != name else { return "filename=\"\(name)\"" }
        let encoded = name.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-._".unicodeScalars.contains(scalar))
            return isPlain ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return "filename=\"\(plain)\"; filename*=UTF-8''\(encoded.joined())"
    }
}
