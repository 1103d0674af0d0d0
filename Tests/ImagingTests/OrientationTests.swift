import Imaging
import Testing

@Suite("EXIF orientation")
struct OrientationTests {
    @Test(
        "Each orientation moves the corners where EXIF says",
        arguments: [
            (ImageOrientation.topLeft, [1, 2, 3, 4, 5, 6], 3), (.topRight, [3, 2, 1, 6, 5, 4], 3),
            (.bottomRight, [6, 5, 4, 3, 2, 1], 3), (.bottomLeft, [4, 5, 6, 1, 2, 3], 3),
            (.leftTop, [1, 4, 2, 5, 3, 6], 2), (.rightTop, [4, 1, 5, 2, 6, 3], 2),
            (.rightBottom, [6, 3, 5, 2, 4, 1], 2), (.leftBottom, [3, 6, 2, 5, 1, 4], 2),
        ])
    func corners(orientation: ImageOrientation, shown: [UInt8], width: Int) {
        func image(_ values: [UInt8], width: Int) -> Image {
            Image(width: width, height: values.count / width, pixels: values.flatMap { [$0, $0 + 10, $0 + 20] })
        }
        #expect(image([1, 2, 3, 4, 5, 6], width: 3).oriented(orientation) == image(shown, width: width))
    }

    @Test(
        "Invalid EXIF data is ignored",
        arguments: [
            "", "Exif\0\0", "Exif\0\0MM\0*", "Exif\0\0MM\0*\0\0\0\u{8}", "Exif\0\0MM\0*\u{7F}\u{7F}\u{7F}\u{7F}\0\u{1}",
            "Exif\0\0MM\0*\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0\u{9}\0\0",  // orientation 9
            "Exif\0\0MM\0*\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0\0\0\0",  // orientation 0
            "Exif\0\0MM\0*\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{4}\0\0\0\u{1}\0\u{6}\0\0",  // not a short
            "Exif\0\0MM\0*\0\0\0\u{8}\u{7F}\u{7F}\u{1}\u{12}\0\u{3}\0\0\0\u{2}\0\u{6}\0\0",  // two values
            "Exif\0\0XX\0*\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0\u{6}\0\0",  // no byte order
        ])
    func nonsense(payload: String) throws {
        let plain = try Fixture.bytes("jpeg/baseline_420.jpg")
        let bytes = insert(Array(payload.utf8), into: plain)
        #expect(try ImageDecoder().decode(bytes) == ImageDecoder().decode(plain))
    }

    @Test("Valid EXIF data of one entry is followed")
    func sense() throws {
        let payload = "Exif\0\0MM\0*\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0\u{6}\0\0"
        let plain = try Fixture.bytes("jpeg/baseline_420.jpg")
        let bytes = insert(Array(payload.utf8), into: plain)
        #expect(try ImageDecoder().decode(bytes) == ImageDecoder().decode(plain).oriented(.rightTop))
    }

    private func insert(_ payload: [UInt8], into jpeg: [UInt8]) -> [UInt8] {
        jpeg[..<2] + [0xFF, 0xE1, 0, UInt8(payload.count + 2)] + payload + jpeg[2...]
    }
}
