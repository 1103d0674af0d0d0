/// Writes EXIF data of texts, for tests of what is read of it.
enum EXIFWriter {
    /// A little-endian TIFF directory. The texts have more than 4 bytes, and tags ascend.
    static func exif(_ texts: [(tag: UInt16, text: String)]) -> [UInt8] {
        func little(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        var directory = little(UInt16(texts.count))
        var body: [UInt8] = []
        let end = 8 + 2 + 12 * texts.count + 4
        for (tag, text) in texts {
            let bytes = Array(text.utf8) + [0]
            directory += little(tag) + little(UInt16(2)) + little(UInt32(bytes.count))
            directory += little(UInt32(end + body.count))
            body += bytes
        }
        return Array("II*\0".utf8) + little(UInt32(8)) + directory + little(UInt32(0)) + body
    }
}
