import Imaging
import TestSupport
import Testing

@Suite("Files of every kind")
struct TableTests {
    let decoder = ImageDecoder()

    @Test("A file is shown as the reference says", arguments: Fixture.table)
    func picture(row: Fixture.TableRow) throws {
        let expected = try Fixture.ppm("table/\(row.file).ppm")
        let bytes = try Fixture.bytes("table/\(row.file)")
        let info = try decoder.inspect(bytes)
        #expect((info.width, info.height) == (expected.width, expected.height))
        let decoded = try decoder.decode(bytes)
        try #require((decoded.width, decoded.height) == (expected.width, expected.height))
        let largest = decoded.largestDifference(from: expected)
        let mean = decoded.meanDifference(from: expected)
        #expect(largest <= row.largest && mean <= row.mean, "largest \(largest), mean \(mean)")
    }
}
