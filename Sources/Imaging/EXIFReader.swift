import CImageCodecs

/// Reads EXIF data, which is a TIFF directory. Every read is bounds-checked, and broken data is no reason to refuse a
/// picture: it is taken for no data.
package struct EXIFReader {
    /// The tags that are read, in the first directory.
    package enum Tag: UInt16, CaseIterable {
        case orientation = 0x0112
        case artist = 0x013B
        case copyright = 0x8298
    }

    private static let longestText = 4096

    /// The EXIF data, from its TIFF header on.
    let bytes: UnsafeRawBufferPointer
    private let isBigEndian: Bool

    /// - Returns: nil without a TIFF header.
    package init?(tiff bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        switch bytes.bigEndian(UInt32.self, at: 0) {
        case 0x4D4D_002A: isBigEndian = true
        case 0x4949_2A00: isBigEndian = false
        default: return nil
        }
    }

    /// A reader of the data that the codec found; in a PNG, of the `eXIf` chunk, which may also follow the pixels,
    /// where the codec does not read. A TIFF file is its own EXIF data.
    static func finding(in file: UnsafeRawBufferPointer, format: ImageFormat, header: ic_header) -> EXIFReader? {
        switch format {
        case .png: pngChunk(in: file).flatMap(EXIFReader.init(tiff:))
        case .tiff: EXIFReader(tiff: file)
        default: EXIFReader(tiff: UnsafeRawBufferPointer(start: header.exif, count: header.exif_count))
        }
    }

    /// Walks the chunks; `eXIf` may be anywhere between the first and the last.
    private static func pngChunk(in file: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var offset = 8
        while let length = file.bigEndian(UInt32.self, at: offset),
            let type = file.bigEndian(UInt32.self, at: offset + 4),
            Int(length) <= file.count - offset - 8
        {
            let payload = offset + 8..<offset + 8 + Int(length)
            if type == 0x6558_4966 { return UnsafeRawBufferPointer(rebasing: file[payload]) }  // "eXIf"
            offset = payload.upperBound + 4  // past the checksum
        }
        return nil
    }

    package func orientation() -> ImageOrientation? {
        let short: UInt16 = 3
        guard let entry = entry(of: .orientation), read(UInt16.self, entry + 2) == short,
            read(UInt32.self, entry + 4) == 1
        else { return nil }
        return read(UInt16.self, entry + 8).flatMap(ImageOrientation.init(rawValue:))
    }

    /// A text without what is not UTF-8, up to its first zero.
    package func text(of tag: Tag) -> String? {
        let ascii: UInt16 = 2
        guard let entry = entry(of: tag), read(UInt16.self, entry + 2) == ascii,
            let count = read(UInt32.self, entry + 4).map(Int.init), (1...Self.longestText).contains(count),
            let start = count <= 4 ? entry + 8 : read(UInt32.self, entry + 8).map(Int.init),
            start <= bytes.count - count
        else { return nil }
        let text = String(decoding: bytes[start..<start + count].prefix { $0 != 0 }, as: UTF8.self)
        return text.contains { $0 != " " } ? text : nil
    }

    /// Where the tag's entry is in the first directory.
    private func entry(of tag: Tag) -> Int? {
        guard let directory = read(UInt32.self, 4).map(Int.init), let count = read(UInt16.self, directory) else {
            return nil
        }
        for index in 0..<Int(count) {
            let entry = directory + 2 + 12 * index
            guard let found = read(UInt16.self, entry) else { return nil }
            if found == tag.rawValue { return entry }
        }
        return nil
    }

    private func read<Integer: FixedWidthInteger>(_ type: Integer.Type, _ offset: Int) -> Integer? {
        let value = bytes.bigEndian(type, at: offset)
        return isBigEndian ? value : value?.byteSwapped
    }
}

extension UnsafeRawBufferPointer {
    /// The integer at an offset; nil if it does not lie within the bytes.
    fileprivate func bigEndian<Integer: FixedWidthInteger>(_ type: Integer.Type, at offset: Int) -> Integer? {
        guard offset >= 0, offset <= count - MemoryLayout<Integer>.size else { return nil }
        return Integer(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}
