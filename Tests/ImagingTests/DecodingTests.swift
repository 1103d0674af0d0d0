import Imaging
import Testing

@Suite("Decoding")
struct DecodingTests {
    let decoder = ImageDecoder()

    @Test("Every kind of JPEG is decoded as Pillow does it", arguments: Fixture.paths(in: "jpeg", suffix: ".jpg"))
    func jpeg(path: String) throws {
        try expectPicture(of: path)
    }

    @Test("Every kind of PNG is decoded to what its samples mean", arguments: Fixture.paths(in: "png", suffix: ".png"))
    func png(path: String) throws {
        try expectPicture(of: path)
    }

    private func expectPicture(of path: String) throws {
        let expected = try Fixture.ppm(path.dropLast(3) + "ppm")
        let bytes = try Fixture.bytes(path)
        let format: ImageFormat = path.hasSuffix("jpg") ? .jpeg : .png

        let info = try decoder.inspect(bytes)
        #expect(info == ImageInfo(format: format, width: expected.width, height: expected.height))

        let decoded = try decoder.decode(bytes)
        try #require((decoded.width, decoded.height) == (expected.width, expected.height))
        #expect(decoded.largestDifference(from: expected) <= 1)
    }

    @Test(
        "Bytes after the picture's end are ignored",
        arguments: [
            "jpeg/progressive_420.jpg", "png/rgba_16_interlaced.png",
        ])
    func trailingBytes(path: String) throws {
        let bytes = try Fixture.bytes(path)
        #expect(try decoder.decode(bytes + [UInt8](repeating: 0x55, count: 1000)) == decoder.decode(bytes))
    }

    @Test(
        "The format is recognised by content",
        arguments: [
            ("BM\u{1}\0\0\0\0\0\0\0", "BMP"), ("\0\0\0\u{20}ftypqt  ", nil),
            ("\0\0\0\u{C}JXL \r\n", "JPEG XL"), ("\0\0\0\u{C}jP  \r\n", "JPEG 2000"),
            ("", nil), ("P6 1 1 255 abc", nil), ("<svg/>", nil), ("\u{1}", nil),
        ])
    func detection(start: String, name: String?) throws {
        #expect(throws: ImageError.unsupportedFormat(found: name)) { try decoder.decode(Array(start.utf8)) }
        #expect(throws: ImageError.unsupportedFormat(found: name)) { try decoder.inspect(Array(start.utf8)) }
    }

    @Test("A picture that exceeds the limits is refused, one exactly at the limits is not")
    func limits() throws {
        let bytes = try Fixture.bytes("jpeg/orientation_6_big.jpg")  // 32 × 48 as shown
        for limits in [
            ImageLimits(maximumPixels: 32 * 48 - 1), ImageLimits(maximumPixels: 1), ImageLimits(maximumSide: 47),
        ] {
            #expect(throws: ImageError.tooLarge(width: 32, height: 48, limits: limits)) {
                try ImageDecoder(limits: limits).decode(bytes)
            }
        }
        let exact = ImageLimits(maximumPixels: 32 * 48, maximumSide: 48)
        #expect(try ImageDecoder(limits: exact).decode(bytes) == decoder.decode(bytes))
    }

    @Test("Errors are sentences that name what was found and what is allowed")
    func descriptions() {
        #expect(
            ImageError.tooLarge(width: 20000, height: 10, limits: ImageLimits()).description
                == "The picture has 20000×10 pixels; at most 65500 on a side and 50000000 in all are accepted.")
        #expect(
            ImageError.unsupportedFormat(found: "BMP").description
                == "The file is a BMP file; \(ImageFormat.list(ImageFormat.readable)) are supported.")
        #expect(ImageFormat.list([.jpeg, .png, .webp], conjunction: "or") == "JPEG, PNG or WebP")
        #expect(
            ImageError.malformed(.png, reason: "CRC error").description == "The PNG file is damaged: CRC error.")
    }
}
