/// Names of models, which are names of files without their extension.
enum ModelName {
    static let fileExtension = ".safetensors"

    /// A letter or digit, then up to 127 letters, digits, dots, underscores and hyphens: never a path.
    static func isValid(_ name: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default:
                false
            }
        }
        guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy { byte in isAlphanumeric(byte) || "._-".utf8.contains(byte) }
    }

    /// The last part of a path.
    static func fileName(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The name of the model in a file.
    static func stem(of path: String) -> String {
        let file = fileName(of: path)
        return file.hasSuffix(fileExtension) ? String(file.dropLast(fileExtension.count)) : file
    }
}
