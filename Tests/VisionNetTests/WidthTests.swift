import Testing
import VisionNet

/// Networks whose body and tail have different widths, and the metadata that give the widths.
@Suite("Widths")
struct WidthTests {
    static let metadata = [
        "format": ModelHeader.format, "name": "narrow", "network": Network.inceptionV3.name, "width": "0.34",
        "channel_multiple": "8", "channel_minimum": "8", "epsilon": "0.001", "input_range": "-1,1",
    ]

    private func outputs(_ width: Width) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: Network.inceptionV3.graph(width: width).convolutions.map { ($0.name, $0.outputs) })
    }

    @Test("mixed8 to mixed10 have the tail's width, all before them the body's")
    func tail() {
        let (wide, narrow) = (outputs(Width(factor: 0.34)), outputs(Width(factor: 0.25)))
        for (name, count) in outputs(Width(factor: 0.34, tailFactor: 0.25)) {
            let isTail = ["mixed8.", "mixed9.", "mixed10."].contains(where: name.hasPrefix)
            #expect(count == (isTail ? narrow : wide)[name], "\(name)")
        }
    }

    @Test("the tail's first convolutions read the body's channels")
    func seam() throws {
        let network = Network.inceptionV3.graph(width: Width(factor: 0.34, tailFactor: 0.25))
        let first = try #require(network.convolutions.first { $0.name == "mixed8.branch3x3_1" })
        #expect((first.inputs, first.outputs) == (4 * 64, 48))
    }

    @Test("a file without a tail's width has one width")
    func header() throws {
        #expect(try ModelHeader(Self.metadata, file: "a file").width == Width(factor: 0.34))
        let header = try ModelHeader(Self.metadata.merging(["tail_width": "0.25"]) { $1 }, file: "a file")
        #expect(header.width == Width(factor: 0.34, tailFactor: 0.25))
    }

    @Test("an invalid width is refused", arguments: ["0", "-1", "5", "nan", "wide", ""])
    func refused(text: String) {
        #expect(throws: ModelError.self) {
            try ModelHeader(Self.metadata.merging(["tail_width": text]) { $1 }, file: "a file")
        }
    }
}
