import DeepDream
import Imaging
import Testing
import VisionNet

/// What a dream's file says about how it was made.
@Suite struct DreamRecordTests {
    private func record() throws -> DreamRecord {
        let model = try VisionModel.embedded()
        var recipe = Recipe.plain(model: model.name)
        try recipe.apply([("layers", "mixed4[3+5]:0.5,mixed5"), ("seed", "7")])
        return DreamRecord(recipe: recipe, model: model, program: "some <program> & \"more\" 1.0")
    }

    private func file(_ record: DreamRecord, as format: ImageFormat, comment: String? = nil) throws -> [UInt8] {
        var options = EncodingOptions(format: format)
        options.xmp = record.xmp
        options.comment = comment
        return try FloatImage(width: 8, height: 4).encoded(options)
    }

    @Test("is found again in the file of each format", arguments: [ImageFormat.jpeg, .png, .webp])
    func roundTrip(format: ImageFormat) throws {
        guard ImageFormat.writable.contains(format) else { return }
        let record = try record()
        let file = try file(record, as: format)
        #expect(DreamRecord(of: file) == record)
        #expect(record.modelDigest?.isEmpty == false)
        #expect(try ImageDecoder().decode(file).width == 8)
    }

    @Test("is none where the recipe is longer than recipes are", arguments: [60_000, 65_536, 3_000_000])
    func longRecipe(count: Int) throws {
        let recipe = "model=" + String(repeating: "&", count: count - 6)
        let packets = [
            "<x:xmpmeta><deepdream:recipe>\(recipe)</deepdream:recipe></x:xmpmeta>",
            "<x:xmpmeta deepdream:recipe=\"\(recipe)\"></x:xmpmeta>",
        ]
        for packet in packets { #expect((DreamRecord(of: Array(packet.utf8)) != nil) == (count < 65_536)) }
        let picture = try Image(width: 1, height: 1, pixels: [1, 2, 3]).encoded(as: .png, comment: recipe)
        #expect((DreamRecord(of: picture) != nil) == (count < 65_536))
    }

    @Test("is the recipe of the comment where there is no packet")
    func comment() throws {
        let recipe = try record().recipe
        let file = try Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6]).encoded(as: .png, comment: recipe)
        let found = try #require(DreamRecord(of: file))
        #expect((found.recipe, found.modelDigest, found.program) == (recipe, nil, nil))
        let other = try Image(width: 1, height: 1, pixels: [1, 2, 3]).encoded(as: .png, comment: "a cat")
        #expect(DreamRecord(of: other) == nil)
        #expect(DreamRecord(of: []) == nil)
        #expect(DreamRecord(of: Array("<x:xmpmeta deepdream:recipe=\"".utf8)) == nil)
    }

    @Test("is read from a packet that another program has written anew, with elements")
    func elements() throws {
        let packet = """
            <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Image::ExifTool 12.57">
             <rdf:Description rdf:about='' xmlns:deepdream='urn:deepdream-server:recipe:1'>
              <deepdream:modelDigest>sha256:12</deepdream:modelDigest>
              <deepdream:recipe>model=a&amp;layers=mixed4%5B3%5D</deepdream:recipe>
             </rdf:Description></x:xmpmeta>
            """
        let found = try #require(DreamRecord(of: Array(packet.utf8)))
        #expect(found.recipe == "model=a&layers=mixed4%5B3%5D")
        #expect(found.modelDigest == "sha256:12")
    }

    @Test("a packet that is too long for a JPEG is an error")
    func tooLong() throws {
        var options = EncodingOptions(format: .jpeg)
        options.xmp = String(repeating: "x", count: 65_505)
        #expect(throws: ImageError.self) { try FloatImage(width: 1, height: 1).encoded(options) }
        options.xmp?.removeLast()
        let file = try FloatImage(width: 1, height: 1).encoded(options)
        #expect(try ImageDecoder().decode(file).width == 1)
    }
}
