import Foundation

/// A binary PPM picture (P6) with 8 bits as in the fixtures: three header lines, no comments.
package struct PortablePixmap {
    package struct Malformed: Error {}

    package let width: Int
    package let height: Int
    /// The pixels in HWC order.
    package let pixels: [UInt8]

    package init(contentsOf url: URL) throws {
        let data = try Data(contentsOf: url)
        let lines = data.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
        guard lines.count == 4, lines[0].elementsEqual("P6".utf8), lines[2].elementsEqual("255".utf8) else {
            throw Malformed()
        }
        let sides = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        guard sides.count == 2, lines[3].count == sides[0] * sides[1] * 3 else { throw Malformed() }
        (width, height) = (sides[0], sides[1])
        pixels = Array(lines[3])
    }
}
