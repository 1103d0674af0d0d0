import DeepDream
import Foundation
import Imaging
import ModelLibrary
import TestSupport
import Testing
import VisionNet

/// What a network sees in a photo, against PyTorch in double precision (`make_sight_reference.py`).
@Suite("Sights", .serialized)
struct SightTests {
    struct Reference: Decodable {
        struct Channel: Decodable {
            let channel: Int
            let mean, contrast, maximum, x, y: Double
        }
        struct LayerSight: Decodable {
            let layer, order: String
            let rows, columns: Int
            let channels: [Channel]
        }
        struct Label: Decodable {
            let number: Int
            let probability: Double
        }

        let sights: [LayerSight]
        let labels: [Label]
    }

    private func published() throws -> Dreamer {
        try Dreamer(
            model: ModelLibrary().model(named: EfficientNetTests.modelName), options: ComputeOptions(threads: 2))
    }

    @Test(
        "have PyTorch's strongest channels, places and classes",
        .enabled(if: EfficientNetTests.isThere, EfficientNetTests.comment))
    func reference() throws {
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: Fixtures.url("sight.json")))
        let dreamer = try published()
        let photo = try Fixtures.picture("dream_photo.ppm")
        for expected in reference.sights {
            var question = SightQuestion()
            try question.apply([
                ("layer", expected.layer), ("order", expected.order), ("count", "\(expected.channels.count)"),
            ])
            let sight = try dreamer.see(photo, question)
            #expect((sight.width, sight.height) == (photo.width, photo.height))
            #expect((sight.rows, sight.columns) == (expected.rows, expected.columns))
            try #require(sight.channels.count == expected.channels.count)
            for (found, expected) in zip(sight.channels, expected.channels) {
                #expect(found.number == expected.channel)
                #expect(abs(found.mean / expected.mean - 1) < 1e-4, "\(found.mean), \(expected.mean)")
                #expect(abs(found.contrast / expected.contrast - 1) < 1e-4, "\(found.contrast), \(expected.contrast)")
                #expect(abs(found.maximum / expected.maximum - 1) < 1e-4, "\(found.maximum), \(expected.maximum)")
                #expect(abs(found.position.x - expected.x) + abs(found.position.y - expected.y) < 1e-9)
                #expect(found.map.count == sight.rows * sight.columns)
                #expect(found.map.max().map(Double.init) == found.maximum)
            }
            #expect(sight.labels.map(\.number) == reference.labels.map(\.number))
            for (found, expected) in zip(sight.labels, reference.labels) {
                #expect(abs(found.probability - expected.probability) < 1e-4, "\(found), \(expected)")
                #expect(found.name == Network.efficientNetLite0.channelNames["logits"]?[expected.number])
            }
        }
    }

    @Test("are those of the picture, not of the mirror images around one that is too small for the network")
    func small() throws {
        // The embedded network needs 75 pixels, so it sees this picture of 40×20 and mirror images of it.
        let dreamer = try Dreamer(model: VisionModel.embedded(), options: ComputeOptions(threads: 1))
        let pixels = (0..<3 * 40 * 20).map { UInt8($0 / 3 % 40 < 20 ? 0 : 255) }
        var question = SightQuestion()
        question.layer = "mixed0"
        let sight = try dreamer.see(Image(width: 40, height: 20, pixels: pixels), question)
        #expect((sight.width, sight.height) == (40, 20))
        #expect(sight.columns < 8 && sight.rows < sight.columns, "\(sight.columns)x\(sight.rows)")
        #expect(sight.labels.isEmpty)
        for channel in sight.channels {
            #expect((0...1).contains(channel.position.x) && (0...1).contains(channel.position.y))
        }
        let tiny = try dreamer.see(Image(width: 1, height: 1, pixels: [1, 2, 3]), question)
        #expect((tiny.rows, tiny.columns) == (1, 1))
    }

    @Test(
        "refuse what is not allowed",
        arguments: [
            ("layer", "mixed99"), ("count", "0"), ("count", "65"), ("order", "median"), ("size", "original"),
            ("size", "max:31"), ("size", "max:1025"), ("size", "320"), ("steps", "3"),
        ])
    func refusals(field: String, value: String) throws {
        let dreamer = try Dreamer(model: VisionModel.embedded(), options: ComputeOptions(threads: 1))
        #expect(throws: RecipeError.self) {
            var question = SightQuestion()
            try question.apply([(field, value)])
            _ = try dreamer.see(Image(width: 80, height: 80, pixels: [UInt8](repeating: 9, count: 19200)), question)
        }
    }

    @Test("have a contact sheet with a place for each channel, lit where it answers")
    func sheet() throws {
        let dreamer = try Dreamer(model: VisionModel.embedded(), options: ComputeOptions(threads: 1))
        var question = SightQuestion()
        question.count = 5
        let photo = try Fixtures.picture("dream_photo.ppm")
        let sheet = try dreamer.see(photo, question).sheet(of: photo)
        #expect(sheet.width == 4 * (ContactSheet.tileWidth + 8) + 8)
        // Two rows of tiles, each at least as high as the photo in the width of a tile.
        #expect(sheet.height > 2 * photo.height * ContactSheet.tileWidth / photo.width)
        #expect(Set(sheet.pixels).count > 100)
    }

    @Test("have a contact sheet of bounded size, also for a photo that is a thousand times higher than wide")
    func highSheet() throws {
        let dreamer = try Dreamer(model: VisionModel.embedded(), options: ComputeOptions(threads: 1))
        let photo = Image(width: 1, height: 1024, pixels: [UInt8](repeating: 128, count: 3 * 1024))
        var question = SightQuestion()
        question.count = 5
        let sheet = try dreamer.see(photo, question).sheet(of: photo)
        #expect(sheet.width == 4 * (ContactSheet.tileWidth + 8) + 8)
        #expect(sheet.height < 2 * (2 * ContactSheet.tileWidth + 100) + 200)
        // What is predicted is more than the sheet, and not a hundred times as much.
        let bytes = ContactSheet.bytes(tiles: 5, columns: 4, width: 1, height: 1024, lines: 5)
        #expect((5 * sheet.pixels.count...15 * sheet.pixels.count).contains(bytes))
    }

    @Test("have a contact sheet that is not finished when it is cancelled")
    func cancelledSheet() throws {
        let dreamer = try Dreamer(model: VisionModel.embedded(), options: ComputeOptions(threads: 1))
        let photo = try Fixtures.picture("dream_photo.ppm")
        let sight = try dreamer.see(photo)
        var asked = 0
        _ = try sight.sheet(of: photo) {
            asked += 1
            return false
        }
        let whole = asked
        #expect(whole > 100)
        for last in [1, whole / 2, whole] {
            asked = 0
            #expect(throws: CancellationError.self) {
                try sight.sheet(of: photo) {
                    asked += 1
                    return asked >= last
                }
            }
            // The stages that are underway ask once more.
            #expect(asked <= last + 3)
        }
    }
}
