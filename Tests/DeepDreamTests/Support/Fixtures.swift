import Foundation
import Imaging
import TestSupport
import Testing

/// The files beside the tests.
enum Fixtures {
    static func url(_ name: String) throws -> URL {
        try #require(Bundle.module.resourceURL).appending(path: "Fixtures/\(name)")
    }

    static func picture(_ name: String) throws -> Image {
        let pixmap = try PortablePixmap(contentsOf: url(name))
        return Image(width: pixmap.width, height: pixmap.height, pixels: pixmap.pixels)
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
