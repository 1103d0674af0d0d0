/// Counts the tiles that a HEIC or AVIF file is put together of. libheif decodes as many as the file says, and a small
/// file can name the same tile very often.
enum HEIFTiles {
    /// 50 million pixels in tiles of 256 × 256 are 763; phones write tiles of 512 × 512.
    static let most = 4096

    /// How many references of derived pictures ('dimg') there are to the pictures that they are made of. Broken boxes
    /// end the count: libheif refuses such files. ISO/IEC 14496-12, section 8.11.12.
    static func count(in file: UnsafeRawBufferPointer) -> Int {
        var count = 0
        boxes(file, in: 0..<file.count) { type, meta in
            guard type == "meta", meta.count >= 4 else { return }
            boxes(file, in: meta.dropFirst(4)) { type, references in
                guard type == "iref", references.count >= 4 else { return }
                let idBytes = file[references.lowerBound] == 0 ? 2 : 4
                boxes(file, in: references.dropFirst(4)) { type, reference in
                    guard type == "dimg", reference.count >= idBytes + 2 else { return }
                    let start = reference.lowerBound + idBytes
                    count += Int(file[start]) << 8 | Int(file[start + 1])
                }
            }
        }
        return count
    }

    /// Visits the boxes in a range with their types and contents.
    static func boxes(
        _ file: UnsafeRawBufferPointer, in range: Range<Int>, _ visit: (String, Range<Int>) -> Void
    ) {
        var start = range.lowerBound
        while range.upperBound - start >= 8 {
            func integer(at offset: Int, bytes: Int) -> Int {
                file[start + offset..<start + offset + bytes].reduce(0) { $0 << 8 | Int($1) }
            }
            var header = 8
            var size = integer(at: 0, bytes: 4)
            if size == 1, range.upperBound - start >= 16, file[start + 8] == 0 {
                header = 16
                size = integer(at: 8, bytes: 8)
            } else if size == 0 {
                size = range.upperBound - start
            }
            guard size >= header, size <= range.upperBound - start else { return }
            visit(String(decoding: file[start + 4..<start + 8], as: UTF8.self), start + header..<start + size)
            start += size
        }
    }
}
