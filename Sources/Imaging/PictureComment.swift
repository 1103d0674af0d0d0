import Glibc

/// Finds the texts in a file that `Image.encoded` and its relatives have written, without decoding pixels.
public enum PictureComment {
    /// The text of JPEG's first COM marker, or of PNG's first `tEXt` or uncompressed `iTXt` chunk with the keyword
    /// `Comment`.
    ///
    /// - Returns: nil if there is none, if it is not UTF-8, or if the file is neither JPEG nor PNG.
    public static func text(of file: [UInt8]) -> String? {
        let bytes = file[...]
        let comment = bytes.starts(with: [0xFF, 0xD8]) ? jpeg(bytes) : png(bytes)
        return comment.flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// A longer packet takes too long to search, in bytes. Those of programs have some kilobytes, with the history of a
    /// picture some hundred.
    private static let longestPacket = 1 << 20

    /// The XMP packet of a file of any format, without its wrapper; nil if there is none that is UTF-8 and of at most a
    /// megabyte.
    ///
    /// Packets are made to be found by those who do not know the format of the file around them (Adobe, "XMP
    /// specification part 1", section 7.3.2), so this looks for the root element.
    public static func xmp(of file: [UInt8]) -> String? {
        file.withUnsafeBytes { bytes in
            guard let start = bytes.range(of: "<x:xmpmeta", from: 0),
                let end = bytes.range(of: "</x:xmpmeta>", from: start.upperBound),
                end.upperBound - start.lowerBound <= longestPacket
            else { return nil }
            return String(validating: bytes[start.lowerBound..<end.upperBound], as: UTF8.self)
        }
    }

    private static func jpeg(_ file: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = file.dropFirst(2)
        // Markers up to the first scan: FF, the marker's code, and for all but a few the length of what follows.
        while rest.count >= 4, rest.first == 0xFF {
            let code = rest[rest.startIndex + 1]
            if code == 0xFF {
                rest = rest.dropFirst()
                continue
            }
            let length = number(rest.dropFirst(2).prefix(2))
            guard code != 0xDA, length >= 2, rest.count >= 2 + length else { return nil }
            if code == 0xFE { return rest.dropFirst(4).prefix(length - 2) }
            rest = rest.dropFirst(2 + length)
        }
        return nil
    }

    private static func png(_ file: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let keyword = Array("Comment".utf8) + [0]
        guard file.starts(with: signature) else { return nil }
        var rest = file.dropFirst(signature.count)
        // Chunks: the length of the data, a type of four letters, the data, a checksum.
        while rest.count >= 12 {
            let length = number(rest.prefix(4))
            guard rest.count >= 12 + length else { return nil }
            let (type, data) = (rest.dropFirst(4).prefix(4), rest.dropFirst(8).prefix(length))
            if data.starts(with: keyword) {
                let text = data.dropFirst(keyword.count)
                if type.elementsEqual("tEXt".utf8) { return text }
                // Not compressed; then a method, a language and a translated keyword, both ending with a zero.
                if type.elementsEqual("iTXt".utf8), text.first == 0, text.count >= 2 {
                    let parts = text.dropFirst(2).split(
                        separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
                    if parts.count == 3 { return parts[2] }
                }
            }
            rest = rest.dropFirst(12 + length)
        }
        return nil
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

extension UnsafeRawBufferPointer {
    /// Where a text is first found, from a place on; nil if it is not there.
    fileprivate func range(of text: StaticString, from start: Int) -> Range<Int>? {
        let length = text.utf8CodeUnitCount
        guard let base = baseAddress else { return nil }
        var place = start
        while place + length <= count,
            let found = memchr(base + place, Int32(text.utf8Start.pointee), count - length - place + 1)
        {
            place = UnsafeRawPointer(found) - base
            if memcmp(found, text.utf8Start, length) == 0 { return place..<place + length }
            place += 1
        }
        return nil
    }
}
