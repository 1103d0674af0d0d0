import CStudioFiles

/// The studio: one page with its modules, styles, strings and pictures, all of them part of the program.
package enum Studio {
    /// Every file, by the path at which browsers ask for it.
    ///
    /// The page names its files relatively, as `studio/VERSION/app.js`, so that it works under any prefix. The version
    /// is made from all files together. So browsers can keep them forever.
    package static let files: [String: StudioFile] = {
        let sources = UnsafeBufferPointer(start: studio_files(), count: studio_file_count()).map { file in
            (name: String(cString: file.path), bytes: Array(UnsafeBufferPointer(start: file.bytes, count: file.length)))
        }
        let version = Gzip.checksum(sources.map(\.bytes))
        let files = sources.map { source in
            let isPage = source.name == page
            let bytes = isPage ? naming(version, in: source.bytes) : source.bytes
            return StudioFile(
                path: isPage ? "/" : "/studio/\(version)/\(source.name)", mediaType: mediaType(of: source.name),
                bytes: bytes, gzip: isText(source.name) ? Gzip.compressed(bytes) : nil, isImmutable: !isPage,
                entityTag: "\"\(version)-\(Gzip.checksum([bytes]))\"")
        }
        return Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// The page with the version in its addresses.
    private static func naming(_ version: String, in page: [UInt8]) -> [UInt8] {
        Array(String(decoding: page, as: UTF8.self).replacing("studio/", with: "studio/\(version)/").utf8)
    }

    /// The page's file.
    private static let page = "index.html"

    private static let mediaTypes = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml", "jpg": "image/jpeg",
    ]

    private static func mediaType(of name: String) -> String {
        mediaTypes[name.split(separator: ".").last.map(String.init) ?? ""] ?? "application/octet-stream"
    }

    private static func isText(_ name: String) -> Bool { !name.hasSuffix(".jpg") }
}
