/// A zip file, with the zip64 extension:
/// <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>.
///
/// Opening it reads the central directory alone. Entries are stored or deflated; their CRC-32 is checked.
struct ZipArchive {
    struct Entry {
        let name: String
        /// Of the uncompressed content, in bytes.
        let size: Int
        fileprivate let isEncrypted: Bool
        fileprivate let method: UInt16
        fileprivate let checksum: UInt32
        fileprivate let compressedSize: Int
        /// Of the entry's local header in the file.
        fileprivate let headerOffset: Int

        var isStored: Bool { method == 0 }
    }

    /// The largest deflated entry that is decompressed into memory, in bytes: published weights have less.
    private static let largestInflated = 2 << 30
    /// Deflate cannot shrink data to less than a 1032nd.
    private static let largestRatio = 1032

    static let signature: [UInt8] = [0x50, 0x4b, 0x03, 0x04]

    /// In the order of the central directory.
    let entries: [Entry]
    private let positions: [String: Int]
    private let region: ByteRegion
    private let file: String

    /// - Parameters:
    ///   - region: the zip file's bytes.
    ///   - file: its name for messages.
    /// - Throws: `PyTorchFileError.damaged`.
    init(_ region: ByteRegion, file: String) throws {
        let entries = try region.withBytes { try Self.centralDirectory($0, file: file) }
        var positions: [String: Int] = [:]
        for (position, entry) in entries.enumerated() {
            guard positions.updateValue(position, forKey: entry.name) == nil else {
                throw PyTorchFileError.damaged(file: file, reason: "it has two entries '\(entry.name)'")
            }
        }
        self.entries = entries
        self.positions = positions
        self.region = region
        self.file = file
    }

    func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

    // MARK: Contents

    /// The content of an entry: a part of the zip file where it is stored, memory of its own where it is deflated.
    ///
    /// - Throws: `PyTorchFileError.damaged`, `.unsupported`.
    func content(of entry: Entry) throws -> ByteRegion {
        let data = try data(of: entry)
        let content = entry.isStored ? data : try inflated(data, entry)
        guard content.withBytes(Zlib.checksum) == entry.checksum else {
            throw damaged("the checksum of its entry '\(entry.name)' is wrong")
        }
        content.release()
        return content
    }

    /// The first bytes of an entry's content, `count` at most.
    ///
    /// - Throws: `PyTorchFileError.damaged`, `.unsupported`.
    func beginning(of entry: Entry, count: Int) throws -> [UInt8] {
        let count = min(count, entry.size)
        return try data(of: entry).withBytes { data in
            if entry.isStored { return [UInt8](data.prefix(count)) }
            var content = [UInt8](repeating: 0, count: count)
            guard let result = content.withUnsafeMutableBytes({ Zlib.inflate(data, into: $0) }), result.count == count
            else { throw damaged("its entry '\(entry.name)' cannot be decompressed") }
            return content
        }
    }

    /// An entry's bytes as they are in the zip file.
    private func data(of entry: Entry) throws -> ByteRegion {
        guard !entry.isEncrypted else { throw unsupported("its entry '\(entry.name)' is encrypted") }
        guard entry.method == 0 || entry.method == 8 else {
            throw unsupported(
                "its entry '\(entry.name)' has the compression method \(entry.method), which is neither 0 (stored) "
                    + "nor 8 (deflated); extract it and use that file")
        }
        guard !entry.isStored || entry.compressedSize == entry.size else {
            throw damaged("its entry '\(entry.name)' has two different sizes")
        }
        let start = try region.withBytes { bytes in
            var cursor = ByteCursor(bytes, at: entry.headerOffset, file: file)
            guard try cursor.take(4).elementsEqual(Self.signature) else {
                throw damaged("the header of its entry '\(entry.name)' is not where the directory says")
            }
            _ = try cursor.take(22)
            let nameLength = Int(try cursor.number(UInt16.self))
            let extraLength = Int(try cursor.number(UInt16.self))
            _ = try cursor.take(nameLength + extraLength)
            return cursor.offset
        }
        guard let data = region.part(at: start, count: entry.compressedSize) else {
            throw damaged("its entry '\(entry.name)' reaches beyond its end")
        }
        return data
    }

    private func inflated(_ data: ByteRegion, _ entry: Entry) throws -> ByteRegion {
        guard entry.size <= Self.largestInflated else {
            throw unsupported(
                "its entry '\(entry.name)' has \(entry.size) bytes decompressed, at most \(Self.largestInflated) are "
                    + "allowed; extract it and use that file")
        }
        guard entry.size / Self.largestRatio <= data.count else {
            throw damaged("its entry '\(entry.name)' cannot have \(entry.size) bytes decompressed")
        }
        let content = try [UInt8](unsafeUninitializedCapacity: entry.size) { buffer, initialized in
            let output = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<entry.size]))
            guard let result = data.withBytes({ Zlib.inflate($0, into: output) }), result == (entry.size, true) else {
                throw damaged("its entry '\(entry.name)' cannot be decompressed")
            }
            initialized = entry.size
        }
        return ByteRegion(content)
    }

    private func damaged(_ reason: String) -> PyTorchFileError { .damaged(file: file, reason: reason) }
    private func unsupported(_ reason: String) -> PyTorchFileError { .unsupported(file: file, reason: reason) }

    // MARK: The central directory

    private struct Directory {
        var count: UInt64
        var size: UInt64
        var offset: UInt64
    }

    private static func centralDirectory(_ bytes: UnsafeRawBufferPointer, file: String) throws -> [Entry] {
        func damaged(_ reason: String) -> PyTorchFileError { .damaged(file: file, reason: reason) }
        guard let (directory, end) = try findDirectory(bytes, file: file) else {
            throw damaged("it has no zip directory at its end, so it is probably cut off")
        }
        // An entry has 46 bytes and a name.
        guard directory.offset <= UInt64(end), directory.size <= UInt64(end) - directory.offset,
            directory.count <= directory.size / 46
        else { throw damaged("its zip directory does not fit into it") }
        let range = Int(directory.offset)..<Int(directory.offset + directory.size)
        var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[range]), file: file)
        return try (0..<Int(directory.count)).map { _ in try entry(&cursor) }
    }

    /// The directory's place, and where the records after it start; nil where there is none.
    private static func findDirectory(
        _ bytes: UnsafeRawBufferPointer, file: String
    ) throws -> (directory: Directory, end: Int)? {
        let recordSize = 22
        let longestComment = 0xffff
        guard bytes.count >= recordSize else { return nil }
        let last = bytes.count - recordSize
        for start in stride(from: last, through: max(0, last - longestComment), by: -1) {
            guard bytes[start] == 0x50, bytes[start + 1] == 0x4b, bytes[start + 2] == 5, bytes[start + 3] == 6 else {
                continue
            }
            var cursor = ByteCursor(bytes, at: start + 10, file: file)
            let count = try cursor.number(UInt16.self)
            let size = try cursor.number(UInt32.self)
            let offset = try cursor.number(UInt32.self)
            // The record ends with a comment, which must end where the file does.
            guard Int(try cursor.number(UInt16.self)) == cursor.remaining else { continue }
            guard count == .max || size == .max || offset == .max else {
                return (Directory(count: UInt64(count), size: UInt64(size), offset: UInt64(offset)), start)
            }
            return try zip64Directory(bytes, before: start, file: file)
        }
        return nil
    }

    private static func zip64Directory(
        _ bytes: UnsafeRawBufferPointer, before end: Int, file: String
    ) throws -> (directory: Directory, end: Int)? {
        let locatorSize = 20
        guard end >= locatorSize else { return nil }
        var locator = ByteCursor(bytes, at: end - locatorSize, file: file)
        guard try locator.number(UInt32.self) == 0x0706_4b50 else { return nil }
        _ = try locator.take(4)
        guard let start = Int(exactly: try locator.number(UInt64.self)), start <= end - locatorSize else { return nil }
        var record = ByteCursor(bytes, at: start, file: file)
        guard try record.number(UInt32.self) == 0x0606_4b50 else { return nil }
        _ = try record.take(28)
        let count = try record.number(UInt64.self)
        let size = try record.number(UInt64.self)
        return (Directory(count: count, size: size, offset: try record.number(UInt64.self)), start)
    }

    private static func entry(_ cursor: inout ByteCursor) throws -> Entry {
        func damaged(_ reason: String) -> PyTorchFileError { .damaged(file: cursor.file, reason: reason) }
        guard try cursor.number(UInt32.self) == 0x0201_4b50 else {
            throw damaged("its zip directory has other bytes where an entry should be")
        }
        _ = try cursor.take(4)
        let flags = try cursor.number(UInt16.self)
        let method = try cursor.number(UInt16.self)
        _ = try cursor.take(4)
        let checksum = try cursor.number(UInt32.self)
        var compressedSize = UInt64(try cursor.number(UInt32.self))
        var size = UInt64(try cursor.number(UInt32.self))
        let nameLength = Int(try cursor.number(UInt16.self))
        let extraLength = Int(try cursor.number(UInt16.self))
        let commentLength = Int(try cursor.number(UInt16.self))
        _ = try cursor.take(8)
        var offset = UInt64(try cursor.number(UInt32.self))
        let name = String(decoding: try cursor.take(nameLength), as: UTF8.self)
        var extra = ByteCursor(try cursor.take(extraLength), file: cursor.file)
        _ = try cursor.take(commentLength)

        // zip64: a number that does not fit its 32 bits has all of them set and stands in an extra field.
        while extra.remaining >= 4 {
            let id = try extra.number(UInt16.self)
            let length = Int(try extra.number(UInt16.self))
            var field = ByteCursor(try extra.take(length), file: cursor.file)
            guard id == 1 else { continue }
            if size == UInt32.max { size = try field.number() }
            if compressedSize == UInt32.max { compressedSize = try field.number() }
            if offset == UInt32.max { offset = try field.number() }
        }
        guard let size = Int(exactly: size), let compressedSize = Int(exactly: compressedSize),
            let offset = Int(exactly: offset)
        else { throw damaged("its entry '\(name)' has impossible sizes") }
        return Entry(
            name: name, size: size, isEncrypted: flags & 1 != 0, method: method, checksum: checksum,
            compressedSize: compressedSize, headerOffset: offset)
    }
}
