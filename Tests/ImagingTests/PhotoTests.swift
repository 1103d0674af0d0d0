import Imaging
import TestSupport
import Testing

@Suite("Photos")
struct PhotoTests {
    let decoder = ImageDecoder()

    private func options(_ change: (inout DecodingOptions) -> Void) -> DecodingOptions {
        var options = DecodingOptions()
        change(&options)
        return options
    }

    @Test("A PNG of 16 bits comes out as it went in", arguments: ["png/grey_16.png", "png/grey_16_interlaced.png"])
    func depth(path: String) throws {
        let photo = try decoder.photo(Fixture.bytes(path))
        guard case .words(let words) = photo.samples else {
            Issue.record("the samples do not have 16 bits")
            return
        }
        #expect(words.contains { $0 % 257 != 0 })
        var encoding = EncodingOptions(format: .png)
        encoding.depth = 16
        let again = try decoder.photo(photo.signedUnit.encoded(encoding))
        #expect(again.samples == photo.samples)
    }

    @Test(
        "Grey stays grey where the format has it",
        arguments: [ImageFormat.jpeg, .png, .webp].filter(ImageFormat.writable.contains))
    func grey(format: ImageFormat) throws {
        let photo = try decoder.photo(Fixture.bytes("jpeg/grey.jpg"))
        #expect(photo.isGrey)
        #expect(try !decoder.photo(Fixture.bytes("jpeg/baseline_420.jpg")).isGrey)
        var encoding = EncodingOptions(format: format)
        encoding.quality = 95
        encoding.isGrey = true
        let again = try decoder.photo(photo.signedUnit.encoded(encoding))
        #expect(again.isGrey == format.holdsGrey)
        #expect(again.image.psnr(to: photo.image) > 35)
    }

    @Test("Transparency is kept where the format has it", arguments: ImageFormat.writable)
    func alpha(format: ImageFormat) throws {
        let bytes = try Fixture.bytes("png/rgba_8.png")
        let photo = try decoder.photo(bytes, options: options { $0.keepsAlpha = true })
        let opacity = try #require(photo.opacity)
        #expect(opacity.values.contains { $0 > 0.2 && $0 < 0.8 })
        var encoding = EncodingOptions(format: format)
        encoding.quality = 100
        encoding.opacity = opacity
        let again = try decoder.photo(
            photo.signedUnit.encoded(encoding), options: options { $0.keepsAlpha = true })
        #expect((again.alpha != nil) == format.holdsAlpha)
        if format == .png { #expect(again.alpha == photo.alpha && again.samples == photo.samples) }
    }

    @Test("Transparent pixels are laid on the background")
    func background() throws {
        let bytes = try Fixture.bytes("png/rgba_8.png")
        let kept = try decoder.photo(bytes, options: options { $0.keepsAlpha = true })
        let blue = DecodingOptions.Colour(red: 10, green: 20, blue: 250)
        let laid = try decoder.photo(bytes, options: options { $0.background = blue })
        guard case .bytes(let alpha) = kept.alpha else {
            Issue.record("no alpha")
            return
        }
        for pixel in alpha.indices {
            for (channel, under) in [10.0, 20, 250].enumerated() {
                let over = Double(kept.image.pixels[3 * pixel + channel])
                let opacity = Double(alpha[pixel]) / 255
                let expected = over * opacity + under * (1 - opacity)
                #expect(abs(Double(laid.image.pixels[3 * pixel + channel]) - expected) <= 0.5001)
            }
        }
    }

    @Test("Copyright and artist are read; place and serial number never get out", arguments: ImageFormat.writable)
    func metadata(format: ImageFormat) throws {
        let jpeg = try Fixture.bytes("jpeg/baseline_420.jpg")
        let exif = EXIFWriter.exif([
            (0x013B, "Ansel"), (0x8298, "(c) 2026 Someone"), (0xA431, "SERIAL-4711"), (0x9003, "2026:01:02 03:04:05"),
        ])
        let payload = Array("Exif\0\0".utf8) + exif
        let file = jpeg[..<2] + [0xFF, 0xE1, 0, UInt8(payload.count + 2)] + payload + jpeg[2...]
        let photo = try decoder.photo(Array(file))
        #expect(photo.metadata == PhotoMetadata(copyright: "(c) 2026 Someone", artist: "Ansel"))

        var encoding = EncodingOptions(format: format)
        let silent = try photo.signedUnit.encoded(encoding)
        encoding.metadata = photo.metadata
        let kept = try photo.signedUnit.encoded(encoding)
        for bytes in [silent, kept] {
            for text in ["SERIAL-4711", "2026:01"] { #expect(!bytes.contains(text)) }
        }
        #expect(!silent.contains("Ansel") && !silent.contains("Someone"))
        #expect(try decoder.photo(kept).metadata == photo.metadata)
    }

    @Test("A profile can be kept instead of converted", arguments: ImageFormat.writable)
    func profile(format: ImageFormat) throws {
        let bytes = try Fixture.bytes("table/rgb_p3.png")
        let converted = try decoder.photo(bytes)
        #expect(converted.metadata.icc == nil)
        let kept = try decoder.photo(bytes, options: options { $0.keepsProfile = true })
        #expect(kept.metadata.icc != nil && kept.samples != converted.samples)
        var encoding = EncodingOptions(format: format)
        encoding.quality = 100
        encoding.metadata = kept.metadata
        let again = try decoder.photo(kept.signedUnit.encoded(encoding))
        #expect(again.image.psnr(to: converted.image) > 28)
        // A profile of inks cannot be kept: the dream has none.
        let inks = try decoder.photo(
            Fixture.bytes("table/cmyk_adobe_icc.jpg"), options: options { $0.keepsProfile = true })
        #expect(inks.metadata.icc == nil)
    }

    @Test("A profile with small mistakes is kept as it is", arguments: ImageFormat.writable)
    func oddProfile(format: ImageFormat) throws {
        let kept = try decoder.photo(
            Fixture.bytes("table/rgb_p3.png"), options: options { $0.keepsProfile = true })
        // Cameras pad profiles; the size in a profile's header is then too small.
        let padded = try #require(kept.metadata.icc) + [0, 0, 0, 0]
        var encoding = EncodingOptions(format: format)
        encoding.metadata.icc = padded
        let file = try kept.signedUnit.encoded(encoding)
        let again = try decoder.photo(file, options: options { $0.keepsProfile = true })
        #expect(again.metadata.icc?.starts(with: padded.dropLast(4)) == true)
    }

    @Test("A broken profile is ignored and told of", arguments: ["icc_cut.jpg", "icc_noise.jpg", "icc_noise.png"])
    func brokenProfile(file: String) throws {
        let photo = try decoder.photo(Fixture.bytes("table/\(file)"))
        #expect(photo.warnings.contains { $0.hasPrefix("the colour profile is ignored: ") })
        #expect(try decoder.photo(Fixture.bytes("table/rgb_p3.jpg")).warnings.isEmpty)
    }

    @Test(
        "A file that is damaged in the middle is read as far as it goes if that is asked for",
        arguments: [
            "jpeg/baseline_420.jpg", "png/rgb_8.png", "png/rgba_8_interlaced.png", "table/lossless.webp",
            "table/plain.gif",
        ].filter { path in ImageFormat.readable.contains { path.hasSuffix("." + $0.fileExtension) } })
    func damage(path: String) throws {
        let whole = try decoder.decode(Fixture.bytes(path))
        let cut = Array(try Fixture.bytes(path).dropLast(try Fixture.bytes(path).count / 5))
        #expect(throws: ImageError.self) { try decoder.photo(cut) }
        let photo = try decoder.photo(cut, options: options { $0.acceptsDamage = true })
        #expect(!photo.warnings.isEmpty)
        #expect((photo.width, photo.height) == (whole.width, whole.height))
        #expect(photo.image != whole)
        if path.hasSuffix("_8.png") || path.hasSuffix("420.jpg") || path.hasSuffix("gif") {
            let firstRows = 3 * whole.width * 2
            #expect(photo.image.pixels.prefix(firstRows) == whole.pixels.prefix(firstRows))
        }
    }

    @Test("Decoding ends when it is cancelled", arguments: Fixture.table.map(\.file))
    func cancellation(file: String) throws {
        let bytes = try Fixture.bytes("table/\(file)")
        let asked = LockedCounter()
        #expect(throws: ImageError.cancelled) {
            try decoder.photo(bytes, options: options { $0.isCancelled = { asked.next() > 2 } })
        }
        #expect(asked.value <= 5)
    }

    @Test(
        "A grid of tiles that is larger than the header says is refused before it takes memory",
        .enabled(if: ImageFormat.readable.contains(.heic)))
    func grid() throws {
        // The fuzzer found it: a header of 220×24, and libheif made a picture of 1.6 GB.
        let error = #expect(throws: ImageError.self) {
            try decoder.decode(Fixture.bytes("broken/grid_larger_than_header.heic"))
        }
        #expect(error == .tooLarge(width: 28_786, height: 28_518, limits: decoder.limits))
    }

    @Test("A HEIC or AVIF of very many tiles is refused", .enabled(if: ImageFormat.readable.contains(.avif)))
    func tiles() throws {
        // A box of references is put in front of those of the file's meta box: one picture made of 5000.
        var bytes = try Fixture.bytes("table/plain.avif")
        let meta = try #require(bytes.indices.dropLast(4).first { bytes[$0..<$0 + 4].elementsEqual("meta".utf8) }) - 4
        let size = 2 + 2 + 2 * 5000
        func big(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
        let ids = [UInt8](repeating: 1, count: 10_000)
        let reference = big(8 + size) + Array("dimg".utf8) + [0, 9] + [0x13, 0x88] + ids
        let box = big(12 + reference.count) + Array("iref".utf8) + [0, 0, 0, 0] + reference
        let length = bytes[meta..<meta + 4].reduce(0) { $0 << 8 | Int($1) }
        bytes.replaceSubrange(meta..<meta + 4, with: big(length + box.count))
        bytes.insert(contentsOf: box, at: meta + length)
        let error = #expect(throws: ImageError.self) { try decoder.decode(bytes) }
        #expect(error == .malformed(.avif, reason: "More than 4096 tiles"))
    }

    @Test("A progressive picture may have fewer scans the larger it is")
    func scanBudget() throws {
        var bytes = try Fixture.bytes("jpeg/grey_progressive.jpg")
        let frame = try #require(JPEGSegment.frame(of: bytes)).payload
        bytes.replaceSubrange(frame.lowerBound + 1..<frame.lowerBound + 5, with: [0x1B, 0x58, 0x1B, 0x58])  // 7000²
        let scan = try #require(JPEGSegment.all(in: bytes).last)
        let data = scan.payload.upperBound..<bytes.count
        let end = try #require(data.first { bytes[$0] == 0xFF && bytes[$0 + 1] != 0 })
        let scans = repeatElement(bytes[scan.payload.lowerBound - 4..<end], count: 30).joined()
        let file = Array(bytes[..<end]) + scans + bytes[end...]
        #expect(throws: ImageError.malformed(.jpeg, reason: "More than 20 scans")) {
            try decoder.photo(file, options: options { $0.acceptsDamage = true })
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return indices.dropLast(bytes.count - 1).contains { self[$0..<$0 + bytes.count].elementsEqual(bytes) }
    }
}
