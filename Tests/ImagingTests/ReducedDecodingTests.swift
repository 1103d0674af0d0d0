import Imaging
import TestSupport
import Testing

@Suite("Decoding at a smaller size")
struct ReducedDecodingTests {
    /// A photo of 450 × 300 pixels in each format that can be written, transparent towards its right.
    private func file(_ format: ImageFormat, isTransparent: Bool = false) throws -> [UInt8] {
        let photo = try ImageDecoder().decode(Fixture.bytes("photo/chelsea.png")).resized(width: 450, height: 300)
        var options = EncodingOptions(format: format)
        options.quality = 95
        if isTransparent {
            let row = (0..<450).map { min(1, 2 - Float($0) / 225) }
            options.opacity = FloatImage(
                width: 450, height: 300, channels: 1, values: Array(repeatElement(row, count: 300).joined()))
        }
        return try FloatImage(signedUnit: photo).encoded(options)
    }

    @Test(
        "It looks as the whole picture made smaller", arguments: ImageFormat.writable,
        [(20, 15), (50, 33), (90, 60), (200, 140)])
    func likeness(format: ImageFormat, size: (width: Int, height: Int)) throws {
        for isTransparent in [false, true] {
            let bytes = try file(format, isTransparent: isTransparent)
            var options = DecodingOptions()
            options.needed = size
            let photo = try ImageDecoder().photo(bytes, options: options)
            #expect((photo.info.width, photo.info.height) == (450, 300))
            #expect(2 * photo.width >= 3 * size.width && 2 * photo.height >= 3 * size.height)
            if size.width <= 50, format != .avif { #expect(photo.width <= 450 / 2) }
            let whole = try ImageDecoder().decode(bytes)
            let expected = whole.resized(width: size.width, height: size.height)
            let reduced = photo.image.resized(width: size.width, height: size.height)
            #expect(reduced.psnr(to: expected) > 33, "\(photo.width)×\(photo.height)")
        }
    }

    @Test("The needed size is that of the turned picture")
    func turned() throws {
        let bytes = try Fixture.bytes("jpeg/orientation_6_big.jpg")  // 32 × 48 as shown
        var options = DecodingOptions()
        options.needed = (8, 16)
        let photo = try ImageDecoder().photo(bytes, options: options)
        #expect((photo.width, photo.height) == (16, 24))
        options.needed = (16, 8)
        let other = try ImageDecoder().photo(bytes, options: options)
        #expect((other.width, other.height) == (32, 48))
    }

    @Test(
        "Squares of pixels are averaged, at any depth",
        arguments: ["rgb_16.png", "rgb_8_interlaced.png", "grey_8.png"])
    func kinds(file: String) throws {
        let bytes = try Fixture.bytes("png/\(file)")  // 33 × 21
        var options = DecodingOptions()
        options.needed = (3, 2)
        let photo = try ImageDecoder().photo(bytes, options: options)
        #expect((photo.width, photo.height) == (11, 7))
        let whole = try ImageDecoder().decode(bytes)
        for (x, y) in [(0, 0), (5, 3), (10, 6)] {
            for channel in 0..<3 {
                let square = (0..<9).map { Int(whole.pixels[3 * ((3 * y + $0 / 3) * 33 + 3 * x + $0 % 3) + channel]) }
                let mean = Double(square.reduce(0, +)) / 9
                #expect(abs(Double(photo.image.pixels[3 * (11 * y + x) + channel]) - mean) <= 1)
            }
        }
    }
}
