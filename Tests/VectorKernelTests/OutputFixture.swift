import CVectorKernels
import Testing

/// An output with a random epilogue, and the naive epilogue to compare it with.
final class OutputFixture<Element: TensorElement> {
    let output: Plane<Element>
    let before: [Element]
    private(set) var epilogue = vk_epilogue()
    private let bias, floor, ceiling: GuardedBuffer<Float>?
    private let signsIn: Plane<UInt8>
    private let signsOut: Plane<UInt8>
    private let signsBefore: [UInt8]

    init(height: Int, width: Int, channels: Int, using generator: inout SeededGenerator) {
        var random = generator
        output = Plane(height: height, width: width, channels: channels, using: &random)
        before = output.elements
        bias = random.flip() ? GuardedBuffer(count: channels) { _ in random.float() } : nil
        let zeroFloor = random.flip()
        floor = random.flip() ? GuardedBuffer(count: channels) { _ in zeroFloor ? 0 : random.float() } : nil
        ceiling =
            random.flip()
            ? GuardedBuffer(count: channels) { [floor] in (floor?.base[$0] ?? 0) + abs(random.float()) } : nil
        let (pixelGap, rowGap) = (random.integer(0...2), random.integer(0...5))
        func randomSigns() -> Plane<UInt8> {
            Plane(height: height, width: width, depth: (channels + 7) / 8, pixelGap: pixelGap, rowGap: rowGap) { _ in
                UInt8.random(in: 0...255, using: &random)
            }
        }
        signsIn = randomSigns()
        signsOut = randomSigns()
        signsBefore = signsOut.elements
        epilogue.bias = bias.map { UnsafePointer($0.base) }
        epilogue.floor = floor.map { UnsafePointer($0.base) }
        epilogue.ceiling = ceiling.map { UnsafePointer($0.base) }
        epilogue.signs_out = random.flip() ? signsOut.base : nil
        epilogue.signs_in = random.flip() ? UnsafePointer(signsIn.base) : nil
        epilogue.sign_row = signsIn.rowStride
        epilogue.sign_pixel = signsIn.pixelStride
        epilogue.accumulate = random.flip() ? 1 : 0
        generator = random
    }

    /// Bytes of everything that a kernel may write, to compare two ways of computing it.
    var written: [UInt8] { output.elements.withUnsafeBytes(Array.init) + signsOut.elements }

    /// Back to the state before any kernel ran.
    func reset() {
        for (index, value) in before.enumerated() { output.base[index] = value }
        for (index, value) in signsBefore.enumerated() { signsOut.base[index] = value }
    }

    /// Checks the part of the output that was to be computed, and that the rest is untouched. A value may differ from
    /// the exact one by the error of its sum; rounding keeps the order, so the element must lie between the rounded
    /// bounds.
    /// - Parameters:
    ///   - roundoff: The error of a sum for each of its terms, relative to the sum's magnitude.
    ///   - computed: Whether an element was to be computed; the same for the eight channels that share a byte of signs.
    func check(
        roundoff: Double = 0x1p-23, computed: (_ y: Int, _ x: Int, _ channel: Int) -> Bool,
        sum: (_ y: Int, _ x: Int, _ channel: Int) -> ExactSum,
        _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var expectedSigns = signsBefore
        var untouched = output.elements
        var faults: [String] = []
        for y in 0..<output.height {
            for x in 0..<output.width {
                for channel in 0..<output.depth where computed(y, x, channel) {
                    let index = output.offset(y, x, channel)
                    let actual = output.base[index].value
                    untouched[index] = before[index]
                    let signByte = signsOut.offset(y, x, channel / 8)
                    if channel % 8 == 0, epilogue.signs_out != nil { expectedSigns[signByte] = 0 }

                    var exact = sum(y, x, channel)
                    if let bias { exact.add(Double(bias.base[channel])) }
                    if epilogue.accumulate != 0 { exact.add(Double(before[index].value)) }
                    let tolerance = Double(exact.terms) * roundoff * exact.magnitude
                    let floor = floor?.base[channel] ?? -.infinity, least = Double(floor)
                    let ceiling = ceiling?.base[channel] ?? .infinity, most = Double(ceiling)
                    let isKept = epilogue.signs_in == nil || signsIn[y, x, channel / 8] >> (channel % 8) & 1 == 1
                    let bounds = [exact.value - tolerance, exact.value + tolerance].map { bound in
                        isKept ? Element(rounding: Float(min(max(bound, least), most))).value : 0
                    }
                    if !(bounds[0] <= actual && actual <= bounds[1]) {
                        faults.append("(\(y), \(x), \(channel)) is \(actual), not within \(bounds)")
                    }
                    guard epilogue.signs_out != nil else { continue }
                    // Where the value is closer to a bound than its error, either sign is right if it agrees with the
                    // value.
                    let sign = signsOut.base[signByte] >> (channel % 8) & 1
                    let isClear = abs(exact.value - least) > tolerance && abs(exact.value - most) > tolerance
                    let expectedSign: UInt8 = isClear ? (exact.value > least && exact.value < most ? 1 : 0) : sign
                    expectedSigns[signByte] |= expectedSign << (channel % 8)
                    // A value between the bounds may round to one, unless that is zero.
                    let canMeet = !Element.holdsFloats
                    let (lowest, highest) = (Element(rounding: floor).value, Element(rounding: ceiling).value)
                    let isInside =
                        (actual > lowest || (canMeet && floor != 0 && actual == lowest))
                        && (actual < highest || (canMeet && actual == highest))
                    let agrees = sign == 1 ? isInside : actual == lowest || actual == highest
                    if isKept, !agrees {
                        faults.append(
                            "(\(y), \(x), \(channel)): sign \(sign) beside \(actual), bounds \(least) and \(most)")
                    }
                }
            }
        }
        let wasWritten = untouched.withUnsafeBytes { [UInt8]($0) } != before.withUnsafeBytes { [UInt8]($0) }
        let (count, first) = (faults.count, faults.prefix(3))
        #expect(count == 0, "\(comment): \(first)", sourceLocation: sourceLocation)
        #expect(!wasWritten, "\(comment): written outside of the output", sourceLocation: sourceLocation)
        #expect(signsOut.elements == expectedSigns, "\(comment): sign bits", sourceLocation: sourceLocation)
    }
}
