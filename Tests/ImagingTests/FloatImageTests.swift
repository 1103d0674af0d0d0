import Imaging
import Testing

@Suite("Numbers and pixels")
struct FloatImageTests {
    private let ramp = Image(
        width: 256, height: 1, pixels: (0...255).flatMap { [UInt8($0), UInt8(255 - $0), 128] })

    @Test("Pixels map to −1...1 and back exactly")
    func signedUnit() {
        let numbers = FloatImage(signedUnit: ramp)
        #expect(numbers.values[0] == -1 && numbers.values[1] == 1)
        #expect(numbers.values[3 * 51] == 51 / 127.5 - 1)
        #expect(Image(signedUnit: numbers) == ramp)
    }

    @Test("Pixels map through any scale and back exactly")
    func scaled() {
        #expect(FloatImage(ramp).values == ramp.pixels.map { Float($0) })
        #expect(Image(FloatImage(ramp)) == ramp)
        let numbers = FloatImage(ramp, scale: 1 / 255, offset: 0.5)
        #expect(Image(numbers, scale: 255, offset: -127.5) == ramp)
    }

    @Test(
        "Numbers are rounded to the nearest pixel",
        arguments: [
            (127.49, 127), (127.51, 128), (0.49999997, 0), (254.4, 254), (254.6, 255), (2.5, 2), (3.5, 4),
        ] as [(Float, UInt8)])
    func rounding(value: Float, pixel: UInt8) {
        #expect(Image(FloatImage(width: 1, height: 1, filledWith: value)).pixels == [pixel, pixel, pixel])
    }

    @Test(
        "Numbers out of range are clamped, never wrapped",
        arguments: [
            (255.5, 255), (256, 255), (1e30, 255), (.infinity, 255), (-0.5, 0), (-1, 0), (-1e30, 0), (-.infinity, 0),
            (.nan, 0),
        ] as [(Float, UInt8)])
    func clamping(value: Float, pixel: UInt8) {
        #expect(Image(FloatImage(width: 1, height: 1, filledWith: value)).pixels == [pixel, pixel, pixel])
        let signed = FloatImage(width: 1, height: 1, filledWith: value / 127.5 - 1)
        #expect(Image(signedUnit: signed).pixels == [pixel, pixel, pixel])
    }
}
