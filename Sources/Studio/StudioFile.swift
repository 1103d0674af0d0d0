/// A file of the studio, the page that the service shows in browsers.
package struct StudioFile: Sendable {
    /// Where browsers ask for it: `/` for the page, `/studio/VERSION/…` for all others.
    package let path: String
    /// Its media type, for the header `Content-Type`.
    package let mediaType: String
    package let bytes: [UInt8]
    /// The bytes compressed for `Content-Encoding: gzip`; nil where that saves nothing.
    package let gzip: [UInt8]?
    /// Whether the bytes at `path` never change: another version of the program has other paths.
    package let isImmutable: Bool
    /// The file's strong entity tag, with its quotation marks; the compressed file has `gzipEntityTag`.
    package let entityTag: String
    package var gzipEntityTag: String { "\(entityTag.dropLast())-gzip\"" }
}
