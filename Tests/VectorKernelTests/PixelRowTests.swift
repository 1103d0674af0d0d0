import CVectorKernels
import Testing

@Suite("Rows of pixels and vectors")
struct PixelRowTests {
    @Test("an epilogue is applied to sums that another library computed", arguments: KernelTable.all)
    func appliesEpilogue(table: KernelTable) { checkEpilogue(table, Float.self) }

    @Test("an epilogue of float sums rounds its results to bfloat16", arguments: KernelTable.reduced)
    func appliesReducedEpilogue(table: KernelTable) { checkEpilogue(table, BFloat16.self) }

    private func checkEpilogue<Output: TensorElement>(_ table: KernelTable, _: Output.Type) {
        for seed in 0..<60 {
            var random = SeededGenerator(seed: seed)
            let (width, channels) = (random.integer(1...9), random.integer(1...70))
            let sums = Plane<Float>(height: 1, width: width, channels: channels, using: &random)
            let fixture = OutputFixture<Output>(height: 1, width: width, channels: channels, using: &random)
            var epilogue = fixture.epilogue
            vk_apply_epilogue(
                table.kernels, sums.base, sums.pixelStride, fixture.output.base, fixture.output.pixelStride,
                Int32(width), Int32(channels), &epilogue)
            fixture.check(
                computed: { _, _, _ in true },
                sum: { _, x, channel in
                    var sum = ExactSum()
                    sum.add(Double(sums[0, x, channel]))
                    return sum
                }, "seed \(seed): \(width) pixels of \(channels)")
        }
    }

    @Test("every table gives the same bits for the sums of a row's channels")
    func sumsRows() { checkChannelSums(KernelTable.all, Float.self) }

    @Test("every table gives the same bits for the sums of a row's channels in bfloat16")
    func sumsReducedRows() { checkChannelSums(KernelTable.reduced, BFloat16.self) }

    @Test("every table gives the same bits for the sums of the squares of a row's channels")
    func sumsSquares() {
        checkChannelSums(KernelTable.all, Float.self, squares: true)
        checkChannelSums(KernelTable.reduced, BFloat16.self, squares: true)
    }

    private func checkChannelSums<Element: TensorElement>(
        _ tables: [KernelTable], _: Element.Type, squares: Bool = false
    ) {
        for seed in 0..<40 {
            var random = SeededGenerator(seed: seed)
            let (width, channels) = (random.integer(1...50), random.integer(1...40))
            let row = Plane<Element>(height: 1, width: width, channels: channels, using: &random)
            let found = tables.map { table in
                // One element more than there are channels; it must not change.
                var sums = [Double](repeating: -1, count: channels + 1)
                let sum = squares ? vk_channel_squares : vk_channel_sums
                sum(table.kernels, row.base, row.pixelStride, Int32(width), Int32(channels), &sums)
                return sums
            }
            #expect(found.allSatisfy { $0 == found[0] && $0[channels] == -1 }, "seed \(seed): \(found)")
            for channel in 0..<channels {
                var exact = ExactSum()
                for x in 0..<width {
                    let value = row.value(0, x, channel)
                    exact.add(squares ? value * value : value)
                }
                #expect(
                    abs(found[0][channel] - exact.value) <= 0x1p-52 * Double(exact.terms) * exact.magnitude,
                    "seed \(seed): channel \(channel), \(width) pixels of \(channels) \(Element.self)")
            }
        }
    }

    @Test("every table gives the same bits for the moments of a vector", arguments: [0, 1, 7, 8, 9, 16, 1003])
    func computesMoments(count: Int) {
        var random = SeededGenerator(seed: count)
        let values = GuardedBuffer(count: count) { _ in random.float() }
        let moments = (KernelTable.all + KernelTable.reduced).map { table in
            var (sum, squares) = (0.0, 0.0)
            vk_moments(table.kernels, values.base, count, &sum, &squares)
            return [sum, squares]
        }
        var (sum, squares) = (ExactSum(), ExactSum())
        for value in values.elements {
            sum.add(Double(value))
            squares.add(Double(value) * Double(value))
        }
        #expect(abs(moments[0][0] - sum.value) <= 0x1p-52 * Double(count) * sum.magnitude)
        #expect(abs(moments[0][1] - squares.value) <= 0x1p-52 * Double(count) * squares.magnitude)
        #expect(moments.allSatisfy { $0 == moments[0] })
    }

    @Test(
        "an ascent stays within its bounds and writes nothing past the end",
        arguments: KernelTable.all + KernelTable.reduced)
    func ascends(table: KernelTable) {
        for count in [0, 1, 5, 8, 16, 37, 1001] {
            var random = SeededGenerator(seed: count)
            let x = GuardedBuffer(count: count) { _ in random.float() }
            let gradient = GuardedBuffer(count: count) { _ in random.float() }
            let before = x.elements
            let (scale, low, high): (Float, Float, Float) = (0.7, -0.9, 0.8)
            vk_ascend(table.kernels, x.base, gradient.base, scale, low, high, count)
            for index in 0..<count {
                let exact = Double(before[index]) + Double(scale) * Double(gradient.base[index])
                let clipped = min(max(exact, Double(low)), Double(high))
                #expect(abs(Double(x.base[index]) - clipped) <= 0x1p-22, "element \(index) of \(count)")
                #expect((low...high).contains(x.base[index]))
            }
        }
    }

    @Test(
        "lines are summed with their weights, also into one of the lines",
        arguments: KernelTable.all + KernelTable.reduced)
    func sumsLines(table: KernelTable) {
        for count in [0, 1, 7, 8, 16, 37, 1001] {
            var random = SeededGenerator(seed: count)
            let weights: [Float] = (0..<random.integer(1...5)).map { _ in random.float() }
            let lines = weights.map { _ in GuardedBuffer(count: count) { _ in random.float() } }
            let before = lines.map(\.elements)
            let output = lines[random.integer(0...lines.count - 1)]
            vk_weighted_sum(
                table.kernels, lines.map { UnsafePointer($0.base) }, weights, Int32(lines.count), output.base, count)
            for index in 0..<count {
                var exact = ExactSum()
                for (line, weight) in zip(before, weights) { exact.add(Double(line[index]) * Double(weight)) }
                #expect(
                    abs(Double(output.base[index]) - exact.value) <= 0x1p-23 * Double(exact.terms) * exact.magnitude,
                    "element \(index) of \(count), \(weights.count) lines")
            }
            for (line, elements) in zip(lines, before) where line !== output { #expect(line.elements == elements) }
        }
    }

    /// Floats at which the direction of rounding to bfloat16 changes: ties to either side, ends of binades and of the
    /// range.
    static let roundingBoundaries: [Float] = {
        var patterns: [UInt32] = []
        for upper: UInt32 in [0x0080, 0x0081, 0x3f7f, 0x3f80, 0x3f81, 0x3fff, 0x4000, 0x7f7e, 0x7f7f] {
            for lower: UInt32 in [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff] { patterns.append(upper << 16 | lower) }
        }
        patterns += [0, 0x7f80_0000]  // zero and infinity
        var random = SeededGenerator(seed: 3)
        patterns += (0..<500).map { _ in UInt32.random(in: 0x0080_0000..<0x7f80_0000, using: &random) }
        return patterns.flatMap { [Float(bitPattern: $0), Float(bitPattern: $0 | 1 << 31)] }
    }()

    /// Floats as an epilogue stores them that does nothing but round. It keeps the sign of a zero, too.
    private func rounded(_ values: [Float], by table: KernelTable) -> [BFloat16] {
        let sums = GuardedBuffer(count: values.count) { values[$0] }
        let output = GuardedBuffer(count: values.count) { _ in BFloat16.nan }
        var epilogue = vk_epilogue()
        vk_apply_epilogue(
            table.kernels, sums.base, values.count, output.base, values.count, 1, Int32(values.count), &epilogue)
        return output.elements
    }

    @Test("a float is rounded to the nearest bfloat16, ties to even", arguments: KernelTable.reduced)
    func roundsToNearest(table: KernelTable) {
        for (value, rounded) in zip(Self.roundingBoundaries, rounded(Self.roundingBoundaries, by: table)) {
            let expected = BFloat16(rounding: value)
            #expect(rounded == expected, "\(value) becomes \(rounded.value), not \(expected.value)")
        }
        // One by one, because a short vector takes another path in the code.
        for value in Self.roundingBoundaries.prefix(108) {
            #expect(rounded([value], by: table) == [BFloat16(rounding: value)], "\(value) alone")
        }
    }

    @Test("a denormal is rounded or becomes a zero of its sign", arguments: KernelTable.reduced)
    func roundsDenormals(table: KernelTable) {
        let denormals = [0x1p-127, 0x1p-133, 0x1p-134, 0x1.8p-134, 0x1p-149, 0x1.fffffcp-127].flatMap {
            [Float($0), -Float($0)]
        }
        for (value, rounded) in zip(denormals, rounded(denormals, by: table)) {
            let zero = BFloat16(rounding: value.sign == .minus ? -0.0 : 0)
            #expect(rounded == BFloat16(rounding: value) || rounded == zero, "\(value) becomes \(rounded.value)")
        }
    }
}
