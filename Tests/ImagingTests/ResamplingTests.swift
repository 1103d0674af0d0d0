import Imaging
import TestSupport
import Testing

@Suite("Resampling")
struct ResamplingTests {
    static let cases = ResamplingFilter.allCases.flatMap { filter in
        [(20, 17), (90, 70), (61, 20), (7, 80), (1, 1)].map { (filter, $0.0, $0.1) }
    }

    @Test("Numbers agree with Pillow's mode F", arguments: cases)
    func floats(filter: ResamplingFilter, width: Int, height: Int) throws {
        let source = FloatImage(try Fixture.ppm("resampling/source.ppm"))
        let expected = try Fixture.floats("resampling/\(filter)_\(width)x\(height).f32")
        let resized = source.resized(width: width, height: height, filter: filter)
        try #require((resized.width, resized.height, resized.values.count) == (width, height, expected.count))
        let worst = zip(resized.values, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst <= 1e-4)  // of 255: 4e-7, about three roundings of a Float
    }

    /// The source is of low contrast: Pillow also clamps between its two passes, which would make a difference at high
    /// contrast.
    @Test("Pixels agree with Pillow's within one level", arguments: cases)
    func pixels(filter: ResamplingFilter, width: Int, height: Int) throws {
        let source = try Fixture.ppm("resampling/soft.ppm")
        let expected = try Fixture.ppm("resampling/\(filter)_\(width)x\(height).ppm")
        #expect(source.resized(width: width, height: height, filter: filter).largestDifference(from: expected) <= 1)
    }

    @Test("Pixels are the resampled numbers, rounded once", arguments: cases)
    func roundedOnce(filter: ResamplingFilter, width: Int, height: Int) throws {
        let source = try Fixture.ppm("resampling/source.ppm")
        let numbers = FloatImage(source).resized(width: width, height: height, filter: filter)
        #expect(source.resized(width: width, height: height, filter: filter) == Image(numbers))
    }

    @Test("Each of any number of channels is resampled on its own", arguments: [1, 2, 4, 5])
    func channels(count: Int) throws {
        var random = SplitMix64(seed: 3)
        let (width, height) = (23, 19)
        let planes = (0..<count).map { _ in
            (0..<width * height).map { _ in Float.random(in: -1...1, using: &random) }
        }
        let interleaved = FloatImage(
            width: width, height: height, channels: count,
            values: (0..<width * height * count).map { planes[$0 % count][$0 / count] })
        let resized = interleaved.resized(width: 11, height: 31, filter: .bicubic)
        for (channel, plane) in planes.enumerated() {
            // Three channels take another path in the code.
            let thrice = FloatImage(width: width, height: height, values: plane.flatMap { [$0, $0, $0] })
            let expected = thrice.resized(width: 11, height: 31, filter: .bicubic)
            for pixel in 0..<11 * 31 {
                #expect(abs(resized.values[pixel * count + channel] - expected.values[3 * pixel]) <= 1e-6)
            }
        }
    }

    @Test("A picture of one value keeps it at any size", arguments: ResamplingFilter.allCases)
    func constant(filter: ResamplingFilter) {
        let flat = FloatImage(width: 31, height: 17, filledWith: 0.7)
        for (width, height) in [(1, 1), (5, 40), (100, 3), (64, 64)] {
            let resized = flat.resized(width: width, height: height, filter: filter)
            #expect(resized.values.allSatisfy { abs($0 - 0.7) <= 1e-6 })
        }
    }

    @Test("The same size is the same picture", arguments: ResamplingFilter.allCases)
    func identity(filter: ResamplingFilter) throws {
        let source = try Fixture.ppm("resampling/source.ppm")
        #expect(source.resized(width: source.width, height: source.height, filter: filter) == source)
    }

    @Test("Overshoot is clamped in pixels and kept in numbers")
    func overshoot() {
        let edge = Image(width: 4, height: 1, pixels: [0, 0, 255, 255].flatMap { [$0, $0, $0] as [UInt8] })
        let numbers = FloatImage(edge).resized(width: 16, height: 1, filter: .lanczos3).values
        #expect((numbers.min() ?? 0) < -1 && (numbers.max() ?? 0) > 256)
        let pixels = edge.resized(width: 16, height: 1, filter: .lanczos3).pixels
        #expect(pixels.min() == 0 && pixels.max() == 255)
        #expect(pixels == Image(FloatImage(edge).resized(width: 16, height: 1, filter: .lanczos3)).pixels)
    }
}
