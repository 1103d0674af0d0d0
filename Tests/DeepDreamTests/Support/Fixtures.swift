import Foundation
import Imaging
import Testing

/// The files beside the tests.
enum Fixtures {
    static func url(_ name: String) throws -> URL {
        try #require(Bundle.module.resourceURL).appending(path: "Fixtures/\(name)")
    }

    /// A binary PPM of 8 bits without comments.
    static func picture(_ name: String) throws -> Image {
        let lines = try Data(contentsOf: url(name)).split(
            separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
        try #require(lines.count == 4 && lines[0].elementsEqual("P6".utf8))
        let sides = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        try #require(sides.count == 2 && lines[3].count == 3 * sides[0] * sides[1])
        return Image(width: sides[0], height: sides[1], pixels: Array(lines[3]))
    }

    /// The peak signal-to-noise ratio of pictures of one size, in dB; infinite where they are the same.
    static func psnr(_ a: Image, _ b: Image) -> Double {
        let squares = zip(a.pixels, b.pixels).reduce(0) { sum, pair in
            let difference = Int(pair.0) - Int(pair.1)
            return sum + difference * difference
        }
        return 10 * log10(255 * 255 * Double(a.pixels.count) / Double(squares))
    }
}
