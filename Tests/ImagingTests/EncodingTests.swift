import Imaging
import Testing

@Suite("Encoding")
struct EncodingTests {
    let photo: Image

    init() throws {
        photo = try ImageDecoder().decode(Fixture.bytes("photo/chelsea.png"))
    }

    @Test(
        "A JPEG is close to the picture that it was made from",
        arguments: [
            (100, 44.0), (95, 39), (91, 37), (90, 34), (75, 31), (50, 29), (1, 15),
        ])
    func jpegRoundTrip(quality: Int, decibels: Double) throws {
        let decoded = try ImageDecoder().decode(photo.encoded(as: .jpeg, quality: quality))
        let psnr = decoded.psnr(to: photo)
        #expect(psnr >= decibels)
    }

    @Test("Encoding ends when it is cancelled", arguments: ImageFormat.writable)
    func cancellation(format: ImageFormat) throws {
        let picture = FloatImage(signedUnit: photo)
        var options = EncodingOptions(format: format)
        let asked = LockedCounter()
        options.isCancelled = { asked.next() < 0 }
        let whole = try picture.encoded(options)
        // AVIF's encoder cannot be stopped once it has begun.
        #expect(asked.value >= (format == .avif ? 1 : 10))
        for last in [1, asked.value / 2, asked.value] {
            let asked = LockedCounter()
            options.isCancelled = { asked.next() >= last }
            #expect(throws: ImageError.cancelled) { try picture.encoded(options) }
        }
        options.isCancelled = { false }
        #expect(try picture.encoded(options) == whole)
    }

    @Test("Encoding 8-bit pixels ends when it is cancelled")
    func cancelledPixels() {
        let asked = LockedCounter()
        #expect(throws: ImageError.cancelled) { try photo.encoded(as: .png) { asked.next() >= 10 } }
        #expect(asked.value == 10)
    }

    @Test("A lower quality makes a smaller JPEG")
    func jpegSize() throws {
        let sizes = try [1, 25, 50, 75, 90, 91, 100].map { try photo.encoded(as: .jpeg, quality: $0).count }
        #expect(sizes == sizes.sorted() && Set(sizes).count == sizes.count)
    }

    @Test(
        "Chroma is stored whole above quality 90, else halved",
        arguments: [
            (91, 0x11), (100, 0x11), (90, 0x22), (1, 0x22),
        ])
    func subsampling(quality: Int, luma: UInt8) throws {
        let bytes = try photo.encoded(as: .jpeg, quality: quality)
        let frame = try #require(JPEGSegment.frame(of: bytes))
        #expect(frame.marker == 0xC2)  // progressive
        let components = bytes[frame.payload].dropFirst(6)
        let samplings = stride(from: 1, to: 9, by: 3).map { components[components.startIndex + $0] }
        #expect(samplings == [luma, 0x11, 0x11])
    }

    @Test("A JPEG carries the comment in a COM marker", arguments: ["seed=1&layers=mixed3", "Grüße, 夢", ""])
    func jpegComment(comment: String) throws {
        let bytes = try photo.encoded(as: .jpeg, comment: comment)
        let comments = JPEGSegment.all(in: bytes).filter { $0.marker == 0xFE }
        try #require(comments.count == 1)
        #expect(Array(bytes[comments[0].payload]) == Array(comment.utf8))
        #expect(try ImageDecoder().decode(bytes) == ImageDecoder().decode(photo.encoded(as: .jpeg)))
    }

    @Test("A picture without a comment has none")
    func noComment() throws {
        #expect(try !JPEGSegment.all(in: photo.encoded(as: .jpeg)).contains { $0.marker == 0xFE })
        let types = try PNGChunk.all(in: photo.encoded(as: .png)).map(\.type)
        #expect(types.filter { $0 != "IDAT" } == ["IHDR", "sRGB", "IEND"])
    }

    @Test(
        "A PNG carries the comment as text under its keyword",
        arguments: [
            ("seed=1&layers=mixed3", "tEXt", "Comment\0"), ("Grüße, 夢", "iTXt", "Comment\0\0\0\0\0"),
        ])
    func pngComment(comment: String, type: String, prefix: String) throws {
        let chunks = PNGChunk.all(in: try photo.encoded(as: .png, comment: comment))
        let texts = chunks.filter { $0.type == type }
        #expect(texts.map(\.payload) == [Array((prefix + comment).utf8)])
    }

    @Test("A PNG is the picture exactly, at any size", arguments: [(1, 1), (1, 50), (50, 1), (17, 3), (150, 100)])
    func pngRoundTrip(width: Int, height: Int) throws {
        let picture = photo.resized(width: width, height: height)
        #expect(try ImageDecoder().decode(picture.encoded(as: .png)) == picture)
    }

    @Test("A JPEG of any size decodes to that size", arguments: [(1, 1), (1, 50), (50, 1), (17, 3)])
    func jpegSizes(width: Int, height: Int) throws {
        let picture = photo.resized(width: width, height: height)
        for quality in [80, 95] {
            let decoded = try ImageDecoder().decode(picture.encoded(as: .jpeg, quality: quality))
            #expect((decoded.width, decoded.height) == (width, height))
        }
    }

    @Test("The same picture gives the same bytes", arguments: ImageFormat.writable)
    func deterministic(format: ImageFormat) throws {
        let files = try (0..<2).map { _ in try photo.encoded(as: format, quality: 85, comment: "a") }
        #expect(files[0] == files[1])
    }

    @Test("A quality out of range is an error", arguments: [Int.min, -1, 0, 101, Int.max])
    func quality(quality: Int) {
        for format in ImageFormat.writable {
            #expect(throws: ImageError.invalidQuality(quality)) { try photo.encoded(as: format, quality: quality) }
        }
    }

    @Test("A comment that the format cannot hold is an error, the longest that it can hold is not")
    func comments() throws {
        let longest = String(repeating: "x", count: 65_533)
        #expect(try photo.encoded(as: .jpeg, comment: longest).count > 65_533)
        #expect(throws: ImageError.self) { try photo.encoded(as: .jpeg, comment: longest + "x") }
        #expect(try photo.encoded(as: .png, comment: longest + longest).count > 2 * 65_533)
        for format in ImageFormat.writable {
            #expect(throws: ImageError.invalidComment(format, reason: "it contains a zero byte")) {
                try photo.encoded(as: format, comment: "a\0b")
            }
        }
    }

    @Test("A side that JPEG cannot count is an error")
    func longSide() throws {
        let strip = Image(width: 65_501, height: 1, pixels: [UInt8](repeating: 9, count: 3 * 65_501))
        let error = #expect(throws: ImageError.self) { try strip.encoded(as: .jpeg) }
        guard case .unencodable(.jpeg, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try strip.encoded(as: .png).count > 100)
    }
}
