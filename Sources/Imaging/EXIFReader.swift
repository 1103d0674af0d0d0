/// Finds the EXIF data in a file, and the orientation in EXIF data. Every read is bounds-checked.
struct EXIFReader {
    let bytes: UnsafeRawBufferPointer

    func integer<Integer: FixedWidthInteger>(
        _: Integer.Type, at offset: Int, bigEndian: Bool = true, within range: Range<Int>
    ) -> Integer? {
        guard offset >= range.lowerBound, offset <= range.upperBound - MemoryLayout<Integer>.size else { return nil }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
        return bigEndian ? Integer(bigEndian: value) : Integer(littleEndian: value)
    }

    /// Walks the segments before the first scan.
    func tiffOfJPEG() -> Range<Int>? {
        let startOfScan: UInt8 = 0xDA
        let app1: UInt8 = 0xE1
        let whole = 0..<bytes.count
        var offset = 2
        while let prefix = integer(UInt8.self, at: offset, within: whole),
            let marker = integer(UInt8.self, at: offset + 1, within: whole),
            prefix == 0xFF, marker != startOfScan
        {
            if marker == 0xFF {  // fill byte
                offset += 1
                continue
            }
            guard let length = integer(UInt16.self, at: offset + 2, within: whole), length >= 2,
                offset + 2 + Int(length) <= bytes.count
            else { return nil }
            let payload = offset + 4..<offset + 2 + Int(length)
            let signature = payload.prefix(6)
            if marker == app1, signature.count == 6, bytes[signature].elementsEqual("Exif\0\0".utf8) {
                return signature.upperBound..<payload.upperBound
            }
            offset = payload.upperBound
        }
        return nil
    }

    /// Walks the chunks; `eXIf` may be anywhere between the first and the last.
    func tiffOfPNG() -> Range<Int>? {
        let whole = 0..<bytes.count
        var offset = 8
        while let length = integer(UInt32.self, at: offset, within: whole),
            let type = integer(UInt32.self, at: offset + 4, within: whole),
            Int(length) <= bytes.count - offset - 8
        {
            let payload = offset + 8..<offset + 8 + Int(length)
            if type == 0x6558_4966 { return payload }  // "eXIf"
            offset = payload.upperBound + 4  // past the checksum
        }
        return nil
    }

    /// Looks for tag 0x0112 in the first directory of TIFF data.
    func orientation(ofTIFF tiff: Range<Int>) -> ImageOrientation? {
        let bigEndian: Bool
        switch integer(UInt32.self, at: tiff.lowerBound, within: tiff) {
        case 0x4D4D_002A: bigEndian = true
        case 0x4949_2A00: bigEndian = false
        default: return nil
        }
        func read<Integer: FixedWidthInteger>(_ type: Integer.Type, _ offset: Int) -> Integer? {
            integer(type, at: tiff.lowerBound + offset, bigEndian: bigEndian, within: tiff)
        }
        let short: UInt16 = 3
        guard let directory = read(UInt32.self, 4).map(Int.init), let entries = read(UInt16.self, directory) else {
            return nil
        }
        for index in 0..<Int(entries) {
            let entry = directory + 2 + 12 * index
            guard let tag = read(UInt16.self, entry) else { return nil }
            if tag == 0x0112 {
                guard read(UInt16.self, entry + 2) == short, read(UInt32.self, entry + 4) == 1 else { return nil }
                return read(UInt16.self, entry + 8).flatMap(ImageOrientation.init(rawValue:))
            }
        }
        return nil
    }
}
