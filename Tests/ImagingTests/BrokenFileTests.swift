import Imaging
import TestSupport
import Testing

@Suite("Broken files")
struct BrokenFileTests {
    let decoder = ImageDecoder()

    @Test("A file cut short is an error, unless every pixel is there", arguments: Fixture.decodable)
    func truncated(path: String) throws {
        let bytes = try Fixture.bytes(path)
        let whole = try decoder.decode(bytes)
        for part in 0..<50 {
            expectErrorOrWhole(whole, Array(bytes.prefix(bytes.count * part / 50)), "\(path), \(part)/50 of it")
        }
        expectError(Array(bytes.prefix(bytes.count / 2)), "\(path), half of it")
    }

    @Test(
        "A file cut short at any byte is an error, unless every pixel is there",
        arguments: [
            "jpeg/baseline_420.jpg", "jpeg/progressive_420.jpg", "png/rgba_8_interlaced.png",
            "png/palette_4_transparent.png",
        ])
    func truncatedAnywhere(path: String) throws {
        let bytes = try Fixture.bytes(path)
        let whole = try decoder.decode(bytes)
        for count in bytes.indices {
            expectErrorOrWhole(whole, Array(bytes.prefix(count)), "\(path), \(count) bytes of it")
        }
        // Only the end is not needed: an end marker, or checksums and IEND, and the padding of the last bits.
        for count in 0..<bytes.count - 24 { expectError(Array(bytes.prefix(count)), "\(path), \(count) bytes of it") }
    }

    @Test(
        "A PNG with any bit flipped is an error, unless the picture is the same or a warning tells",
        arguments: [
            "png/palette_4_transparent.png", "png/grey_1_interlaced.png", "png/gamma_linear_but_srgb.png",
        ])
    func flippedBits(path: String) throws {
        var bytes = try Fixture.bytes(path)
        let whole = try decoder.decode(bytes)
        var changed = 0
        for bit in 0..<8 * bytes.count {
            bytes[bit / 8] ^= 1 << (bit % 8)
            if let photo = try? decoder.photo(bytes), photo.image != whole {
                #expect(!photo.warnings.isEmpty, "\(path), bit \(bit % 8) of byte \(bit / 8)")
                changed += 1
            }
            bytes[bit / 8] ^= 1 << (bit % 8)
        }
        // Where a damaged description of colours is left out.
        #expect(changed <= 8 * 60, "\(path)")
    }

    @Test(
        "A JPEG whose headers are changed decodes or is an error",
        arguments: [
            "jpeg/baseline_422.jpg", "jpeg/progressive_444.jpg", "jpeg/ycck_adobe.jpg", "jpeg/orientation_7_little.jpg",
        ])
    func changedHeaders(path: String) throws {
        var bytes = try Fixture.bytes(path)
        let headers = try #require(JPEGSegment.all(in: bytes).last).payload.upperBound
        for offset in 0..<headers {
            let original = bytes[offset]
            for value: UInt8 in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                bytes[offset] = value
                expectPictureOrError(bytes)
            }
            bytes[offset] = original
        }
    }

    @Test("Random changes give a picture or an error", arguments: Fixture.decodable)
    func mutations(path: String) throws {
        let original = try Fixture.bytes(path)
        var random = SplitMix64(seed: UInt64(original.count))
        for _ in 0..<100 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let offset = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[offset] = .random(in: 0...255, using: &random)
                case 1: bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.remove(at: offset)
                default: bytes.insert(.random(in: 0...255, using: &random), at: offset)
                }
            }
            expectPictureOrError(bytes)
        }
    }

    @Test(
        "PNG chunks with random contents and right checksums give a picture or an error",
        arguments: [
            "png/gamma_linear_grey_alpha_16.png", "png/palette_2_transparent.png", "png/rgb_16_transparent.png",
            "png/orientation_6.png", "png/grey_alpha_8_interlaced.png",
        ])
    func mutatedChunks(path: String) throws {
        let chunks = PNGChunk.all(in: try Fixture.bytes(path))
        var random = SplitMix64(seed: 7)
        for _ in 0..<300 {
            var changed = chunks
            let index = Int.random(in: changed.indices, using: &random)
            var payload = changed[index].payload
            if let offset = payload.indices.randomElement(using: &random) {
                payload[offset] = .random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { payload.removeLast(min(payload.count, 1)) }
            changed[index] = PNGChunk(type: changed[index].type, payload: payload)
            if Int.random(in: 0..<4, using: &random) == 0 {
                changed.swapAt(index, .random(in: changed.indices, using: &random))
            }
            expectPictureOrError(PNGChunk.file(changed))
        }
    }

    @Test(
        "Huge dimensions are refused by the header alone",
        arguments: [
            (30_000, 30_000), (65_535, 65_535), (1, 65_535), (65_501, 1),
        ])
    func hugeJPEG(width: Int, height: Int) throws {
        for path in ["jpeg/baseline_420.jpg", "jpeg/progressive_420.jpg"] {
            var bytes = try Fixture.bytes(path)
            let frame = try #require(JPEGSegment.frame(of: bytes)).payload
            let size = [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) }
            bytes.replaceSubrange(frame.lowerBound + 1..<frame.lowerBound + 5, with: size)
            #expect(throws: ImageError.tooLarge(width: width, height: height, limits: decoder.limits)) {
                try decoder.decode(bytes)
            }
        }
    }

    @Test(
        "Huge dimensions are refused by the header alone",
        arguments: [
            (20_000, 20_000), (1, 1_000_001), (2_147_483_647, 2_147_483_647),
        ])
    func hugePNG(width: Int, height: Int) throws {
        for path in ["png/rgb_8.png", "png/rgba_16_interlaced.png", "png/grey_1.png"] {
            var chunks = PNGChunk.all(in: try Fixture.bytes(path))
            let size = PNGChunk.bigEndian(UInt32(width)) + PNGChunk.bigEndian(UInt32(height))
            chunks[0] = PNGChunk(type: "IHDR", payload: size + chunks[0].payload.dropFirst(8))
            #expect(throws: ImageError.tooLarge(width: width, height: height, limits: decoder.limits)) {
                try decoder.decode(PNGChunk.file(chunks))
            }
        }
    }

    @Test("What a PNG has after its last pixel is not read, however much it is", arguments: [false, true])
    func surplus(isInterlaced: Bool) throws {
        /// Blocks of zlib data that are not compressed.
        func stored(_ bytes: [UInt8]) -> [UInt8] {
            let (low, high) = (UInt8(bytes.count & 255), UInt8(bytes.count >> 8))
            return [0, low, high, ~low, ~high] + bytes
        }
        // The widths of the rows of each pass over 8 x 8 pixels.
        let rows =
            isInterlaced
            ? [1, 1, 2] + [2, 2] + [4, 4] + Array(repeating: 4, count: 4) + Array(repeating: 8, count: 4)
            : Array(repeating: 8, count: 8)
        let pixels = rows.flatMap { [0] + [UInt8](repeating: 77, count: $0) }
        let surplus = stored([UInt8](repeating: 0, count: 60_000))
        let size = PNGChunk.bigEndian(8) + PNGChunk.bigEndian(8)
        var bytes = PNGChunk.file([
            PNGChunk(type: "IHDR", payload: size + [8, 0, 0, 0, isInterlaced ? 1 : 0]),
            PNGChunk(type: "IDAT", payload: [0x78, 0x01] + stored(pixels) + surplus),
            PNGChunk(type: "IDAT", payload: surplus),
        ])
        // Whoever reads the second chunk finds it damaged.
        bytes[bytes.count - 1] ^= 1
        #expect(try decoder.decode(bytes).pixels == [UInt8](repeating: 77, count: 3 * 8 * 8))
    }

    @Test("A width or height of zero is an error")
    func emptyPictures() throws {
        var jpeg = try Fixture.bytes("jpeg/baseline_420.jpg")
        let frame = try #require(JPEGSegment.frame(of: jpeg)).payload
        jpeg.replaceSubrange(frame.lowerBound + 1..<frame.lowerBound + 3, with: [0, 0])
        expectError(jpeg, "JPEG of height 0")

        var chunks = PNGChunk.all(in: try Fixture.bytes("png/rgb_8.png"))
        chunks[0] = PNGChunk(type: "IHDR", payload: [0, 0, 0, 0] + chunks[0].payload.dropFirst(4))
        expectError(PNGChunk.file(chunks), "PNG of width 0")
    }

    @Test("Colour descriptions of any length are ignored where they are not valid", arguments: [0, 1, 3, 5, 33])
    func shortColourDescriptions(count: Int) throws {
        var chunks = PNGChunk.all(in: try Fixture.bytes("png/rgb_8.png"))
        let whole = try decoder.decode(PNGChunk.file(chunks))
        for type in ["iCCP", "cICP", "gAMA", "cHRM"] {
            chunks.insert(PNGChunk(type: type, payload: [UInt8](repeating: 0, count: count)), at: 1)
        }
        #expect(try decoder.decode(PNGChunk.file(chunks)) == whole)
    }

    @Test("A picture with less data than its size needs is an error, not partly grey")
    func missingRows() throws {
        for path in ["jpeg/baseline_420.jpg", "jpeg/progressive_420.jpg", "jpeg/restart_markers.jpg"] {
            var bytes = try Fixture.bytes(path)
            let frame = try #require(JPEGSegment.frame(of: bytes)).payload
            bytes.replaceSubrange(frame.lowerBound + 1..<frame.lowerBound + 3, with: [0x01, 0x00])
            expectError(bytes, "\(path) of height 256")
        }
        var chunks = PNGChunk.all(in: try Fixture.bytes("png/rgb_8.png"))
        chunks[0] = PNGChunk(
            type: "IHDR",
            payload: chunks[0].payload.prefix(4) + PNGChunk.bigEndian(256) + chunks[0].payload.dropFirst(8))
        expectError(PNGChunk.file(chunks), "PNG of height 256")
    }

    @Test("A progressive JPEG of very many scans is refused")
    func scanBomb() throws {
        let bytes = try Fixture.bytes("jpeg/grey_progressive.jpg")
        let scan = try #require(JPEGSegment.all(in: bytes).last)
        let data = scan.payload.upperBound..<bytes.count
        let end = try #require(data.first { bytes[$0] == 0xFF && bytes[$0 + 1] != 0 })
        let firstScan = bytes[scan.payload.lowerBound - 4..<end]
        func file(scansMore count: Int) -> [UInt8] {
            Array(bytes[..<end]) + repeatElement(firstScan, count: count).joined() + bytes[end...]
        }
        #expect(try decoder.decode(file(scansMore: 50)) == decoder.decode(bytes))
        #expect(throws: ImageError.malformed(.jpeg, reason: "More than 100 scans")) {
            try decoder.decode(file(scansMore: 200))
        }
    }

    @Test("A file with a wrong first byte has an unsupported format", arguments: ["jpeg/grey.jpg", "png/grey_8.png"])
    func wrongMagic(path: String) throws {
        var bytes = try Fixture.bytes(path)
        bytes[0] ^= 0x40
        #expect(throws: ImageError.unsupportedFormat(found: nil)) { try decoder.decode(bytes) }
    }

    @Test("A kind of JPEG that libjpeg does not read is an unsupported feature")
    func unsupportedKind() throws {
        var bytes = try Fixture.bytes("jpeg/grey.jpg")
        let frame = try #require(JPEGSegment.frame(of: bytes)).payload
        bytes[frame.lowerBound - 3] = 0xC3  // lossless
        let error = #expect(throws: ImageError.self) { try decoder.decode(bytes) }
        guard case .unsupportedFeature(.jpeg, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func expectErrorOrWhole(_ whole: Image, _ bytes: [UInt8], _ what: String) {
        guard let picture = try? decoder.decode(bytes) else { return }
        #expect(picture == whole, "\(what)")
    }

    private func expectError(_ bytes: [UInt8], _ what: String) {
        #expect(throws: ImageError.self, "\(what)") { try decoder.decode(bytes) }
    }

    /// Either result is right. This checks that the decoder does not crash and that pictures are complete.
    private func expectPictureOrError(_ bytes: [UInt8]) {
        guard let picture = try? decoder.decode(bytes), let info = try? decoder.inspect(bytes) else { return }
        #expect((picture.width, picture.height) == (info.width, info.height))
        #expect(picture.pixels.count == 3 * info.width * info.height)
    }
}
