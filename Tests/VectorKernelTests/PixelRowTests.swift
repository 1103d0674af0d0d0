import CVectorKernels
import Testing

@Suite("Rows of pixels and vectors")
struct PixelRowTests {
    @Test("an epilogue is applied to sums from elsewhere", arguments: KernelTable.all)
    func appliesEpilogue(table: KernelTable) {
        for seed in 0..<60 {
            var random = SeededGenerator(seed: seed)
            let (width, channels) = (random.integer(1...9), random.integer(1...70))
            let sums = Plane(height: 1, width: width, channels: channels, using: &random)
            let fixture = OutputFixture(height: 1, width: width, channels: channels, using: &random)
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

    @Test("every table gives the same bits for the sum of a row")
    func sumsRows() {
        for seed in 0..<40 {
            var random = SeededGenerator(seed: seed)
            let (width, channels) = (random.integer(1...50), random.integer(1...40))
            let row = Plane(height: 1, width: width, channels: channels, using: &random)
            let sums = KernelTable.all.map {
                vk_row_sum($0.kernels, row.base, row.pixelStride, Int32(width), Int32(channels))
            }
            var exact = ExactSum()
            for x in 0..<width {
                for channel in 0..<channels { exact.add(Double(row[0, x, channel])) }
            }
            #expect(abs(sums[0] - exact.value) <= 0x1p-52 * Double(exact.terms) * exact.magnitude)
            #expect(sums.allSatisfy { $0 == sums[0] }, "seed \(seed): \(sums)")
        }
    }

    @Test("every table gives the same bits for the moments of a vector", arguments: [0, 1, 7, 8, 9, 16, 1003])
    func computesMoments(count: Int) {
        var random = SeededGenerator(seed: count)
        let values = GuardedBuffer(count: count) { _ in random.float() }
        let moments = KernelTable.all.map { table in
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

    @Test("an ascent stays between its bounds and beyond no end", arguments: KernelTable.all)
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
}
