import Foundation
import Imaging
import Testing

/// The files that make_fixtures.py made.
enum Fixture {
    private static let folder = Bundle.module.bundleURL.appending(path: "Fixtures")

    /// Paths of the files in a folder that end in a suffix, in alphabetical order.
    static func paths(in subfolder: String, suffix: String) -> [String] {
        let path = folder.appending(path: subfolder).path
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            preconditionFailure("the tests' folder \(path) cannot be read")
        }
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { "\(subfolder)/\($0)" }
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: path)))
    }

    /// Reads a picture in the PPM format's binary variant.
    static func ppm(_ path: String) throws -> Image {
        let bytes = try bytes(path)
        // "P6 WIDTH HEIGHT 255", then one byte of white space, then the pixels.
        let fields = bytes.split(maxSplits: 4, omittingEmptySubsequences: false) { $0 == 0x20 || $0 == 0x0A }
        let numbers = fields[1...3].compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        try #require(fields[0].elementsEqual("P6".utf8) && numbers.count == 3 && numbers[2] == 255)
        return Image(width: numbers[0], height: numbers[1], pixels: Array(fields[4]))
    }

    /// Reads little-endian floats.
    static func floats(_ path: String) throws -> [Float] {
        let bytes = try bytes(path)
        return bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count, by: 4).map { offset in
                Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
        }
    }

    /// Every JPEG and PNG that make_fixtures.py made.
    static let decodable = paths(in: "jpeg", suffix: ".jpg") + paths(in: "png", suffix: ".png")

    /// A file that make_table.py made, and how much its samples may differ from the reference.
    struct TableRow: Codable, CustomTestStringConvertible {
        let file: String
        let largest: Int
        let mean: Double
        var testDescription: String { file }
    }

    /// Every file that make_table.py made, of the formats that can be read here.
    static let table: [TableRow] = {
        guard let bytes = try? bytes("table/table.json"),
            let rows = try? JSONDecoder().decode([TableRow].self, from: Data(bytes))
        else { preconditionFailure("table.json cannot be read") }
        let extensions = ImageFormat.readable.map(\.fileExtension)
        return rows.filter { row in extensions.contains { row.file.hasSuffix("." + $0) } }
    }()
}
