/// The size of a picture that a HEIC or AVIF file puts together of tiles (ISO/IEC 23008-12, section 6.6.2.3).
///
/// libheif makes a picture of this size before it looks at a tile, and it can be larger than the one in the header.
struct HEIFGrid: Equatable {
    let width, height: Int

    /// The grids in a file. Broken boxes end the search: libheif refuses such files.
    static func all(in file: UnsafeRawBufferPointer) -> [HEIFGrid] {
        var found: [HEIFGrid] = []
        HEIFTiles.boxes(file, in: 0..<file.count) { type, meta in
            guard type == "meta", meta.count >= 4 else { return }
            var grids: Set<Int> = []
            var locations: [Int: (isInData: Bool, offset: Int)] = [:]
            var data: Range<Int>?
            HEIFTiles.boxes(file, in: meta.dropFirst(4)) { type, content in
                switch type {
                case "iinf": grids.formUnion(gridItems(file, content))
                case "iloc": locations = self.locations(file, content)
                case "idat": data = content
                default: break
                }
            }
            for item in grids {
                guard let (isInData, offset) = locations[item] else { continue }
                let base = isInData ? data?.lowerBound : 0
                if let base, let grid = HEIFGrid(file, at: base.addingReportingOverflow(offset).partialValue) {
                    found.append(grid)
                }
            }
        }
        return found
    }

    /// - Parameter start: of the grid's description: a version, flags, the numbers of rows and columns, and the size.
    private init?(_ file: UnsafeRawBufferPointer, at start: Int) {
        guard start >= 0, start < file.count else { return nil }
        var bytes = Bytes(file, start..<file.count)
        guard bytes.integer(1) != nil, let flags = bytes.integer(1), bytes.integer(2) != nil else { return nil }
        let count = flags & 1 == 0 ? 2 : 4
        guard let width = bytes.integer(count), let height = bytes.integer(count) else { return nil }
        (self.width, self.height) = (width, height)
    }

    /// The identifiers of the items that are grids: a box 'iinf' (ISO/IEC 14496-12, section 8.11.6).
    private static func gridItems(_ file: UnsafeRawBufferPointer, _ content: Range<Int>) -> [Int] {
        guard content.count >= 8 else { return [] }
        var items: [Int] = []
        let entries = content.dropFirst(file[content.lowerBound] == 0 ? 6 : 8)
        HEIFTiles.boxes(file, in: entries) { type, entry in
            var bytes = Bytes(file, entry)
            guard type == "infe", let version = bytes.integer(4).map({ $0 >> 24 }), version >= 2,
                let item = bytes.integer(version == 2 ? 2 : 4), bytes.integer(2) != nil,
                bytes.integer(4) == 0x6772_6964  // grid
            else { return }
            items.append(item)
        }
        return items
    }

    /// Where items are, in the file or in its box 'idat': a box 'iloc' (ISO/IEC 14496-12, section 8.11.3).
    private static func locations(
        _ file: UnsafeRawBufferPointer, _ content: Range<Int>
    ) -> [Int: (isInData: Bool, offset: Int)] {
        var found: [Int: (isInData: Bool, offset: Int)] = [:]
        var bytes = Bytes(file, content)
        guard let version = bytes.integer(4).map({ $0 >> 24 }), version <= 2, let sizes = bytes.integer(2),
            let count = bytes.integer(version < 2 ? 2 : 4)
        else { return [:] }
        let (offsetSize, lengthSize, baseSize) = (sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15)
        let indexSize = version == 0 ? 0 : sizes & 15
        for _ in 0..<count {
            guard let item = bytes.integer(version < 2 ? 2 : 4), let method = version == 0 ? 0 : bytes.integer(2),
                bytes.integer(2) != nil, let base = bytes.integer(baseSize), let extents = bytes.integer(2)
            else { break }
            for extent in 0..<extents {
                guard bytes.integer(indexSize) != nil, let offset = bytes.integer(offsetSize),
                    bytes.integer(lengthSize) != nil
                else { return found }
                if extent == 0 { found[item] = (method & 15 == 1, base.addingReportingOverflow(offset).partialValue) }
            }
        }
        return found
    }

    /// Reads big-endian integers from a range.
    private struct Bytes {
        let file: UnsafeRawBufferPointer
        var rest: Range<Int>

        init(_ file: UnsafeRawBufferPointer, _ range: Range<Int>) { (self.file, rest) = (file, range) }

        /// - Returns: nil at the end, and for numbers that no file's position can be.
        mutating func integer(_ count: Int) -> Int? {
            guard count <= 8, rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return Int(exactly: file[rest.prefix(count)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) })
        }
    }
}
