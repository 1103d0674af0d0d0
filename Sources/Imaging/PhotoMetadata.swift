/// What a photo's file says about the photo and may go into the file of its dream. Everything else, such as the place,
/// the camera's serial number and the time, is never kept.
public struct PhotoMetadata: Equatable, Sendable {
    /// EXIF's Copyright.
    public var copyright: String?
    /// EXIF's Artist.
    public var artist: String?
    /// The colour profile of the pixels; nil for sRGB.
    public var icc: [UInt8]?

    public init(copyright: String? = nil, artist: String? = nil, icc: [UInt8]? = nil) {
        self.copyright = copyright
        self.artist = artist
        self.icc = icc
    }

    /// EXIF data of the texts, from its TIFF header on; nil if there is no text. TIFF 6.0, section 2.
    var exif: [UInt8]? {
        let entries = [(tag: EXIFReader.Tag.artist, artist), (.copyright, copyright)].compactMap { tag, text in
            text.map { (tag: tag, bytes: Array($0.utf8.filter { $0 != 0 }) + [0]) }
        }
        guard !entries.isEmpty else { return nil }
        func big<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
            withUnsafeBytes(of: value.bigEndian) { Array($0) }
        }
        var directory = big(UInt16(entries.count))
        var texts: [UInt8] = []
        let end = 8 + 2 + 12 * entries.count + 4
        for (tag, bytes) in entries {
            let ascii: UInt16 = 2
            directory += big(tag.rawValue) + big(ascii) + big(UInt32(bytes.count))
            if bytes.count <= 4 {
                directory += bytes + [UInt8](repeating: 0, count: 4 - bytes.count)
            } else {
                directory += big(UInt32(end + texts.count))
                texts += bytes
            }
        }
        return Array("MM\0*".utf8) + big(UInt32(8)) + directory + big(UInt32(0)) + texts
    }
}
