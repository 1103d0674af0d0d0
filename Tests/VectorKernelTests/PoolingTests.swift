import CVectorKernels
import Testing

@Suite("Pooling")
struct PoolingTests {
    /// A max pooling of random shape, whose windows may reach beyond the input. The values repeat, so that windows have
    /// several largest elements; some floats differ by less than bfloat16 can represent.
    final class MaxPool<Input: TensorElement> {
        let values: Plane<Input>
        let height, width, window, stride: Int
        let rowsBefore, columnsBefore: Int
        var channels: Int { values.depth }
        let positions: GuardedBuffer<UInt8>

        init(using random: inout SeededGenerator) {
            let (window, stride) = (random.integer(1...4), random.integer(1...3))
            (self.window, self.stride) = (window, stride)
            let channels = random.flip() ? random.integer(1...20) : random.integer(21...70)
            (height, width) = (random.integer(1...6), random.integer(1...6))
            let isPadded = random.flip()
            /// The input's size, and how far the first window reaches beyond it.
            func side(_ outputs: Int) -> (size: Int, before: Int) {
                // Up to stride - 1 rows and columns that no window reaches.
                let covered = (outputs - 1) * stride + window + random.integer(0...stride - 1)
                guard isPadded else { return (covered, 0) }
                let before = random.integer(0...window - 1)
                return (covered - before - random.integer(0...min(window, covered - before) - 1), before)
            }
            let (rows, columns) = (side(height), side(width))
            (rowsBefore, columnsBefore) = (rows.before, columns.before)
            values = Plane(height: rows.size, width: columns.size, channels: channels, using: &random)
            for index in 0..<values.elements.count where !values.base[index].value.isNaN {
                let value = Float(random.integer(-3...3)) + Float(random.integer(0...1)) * 0x1p-12
                values.base[index] = Input(rounding: value)
            }
            positions = GuardedBuffer(count: height * width * ((channels + 1) / 2)) { _ in 0xee }
        }

        var description: String {
            "\(values.height)x\(values.width)x\(channels), window \(window), stride \(stride), before "
                + "\(rowsBefore)x\(columnsBefore), \(Input.self)"
        }

        /// The first largest element of a window: its index in the window, in row-major order.
        func choice(_ y: Int, _ x: Int, _ channel: Int) -> Int {
            let inside = (0..<window * window).filter { index in
                let (row, column) = place(y, x, index)
                return (0..<values.height).contains(row) && (0..<values.width).contains(column)
            }
            return inside.dropFirst().reduce(inside[0]) { best, index in
                value(y, x, channel, index) > value(y, x, channel, best) ? index : best
            }
        }

        /// Where an element of a window is in the input, or beyond it.
        func place(_ y: Int, _ x: Int, _ index: Int) -> (row: Int, column: Int) {
            (y * stride + index / window - rowsBefore, x * stride + index % window - columnsBefore)
        }

        func value(_ y: Int, _ x: Int, _ channel: Int, _ index: Int) -> Float {
            let (row, column) = place(y, x, index)
            return values[row, column, channel].value
        }

        func position(_ y: Int, _ x: Int, _ channel: Int) -> Int {
            let byte = positions.base[(y * width + x) * ((channels + 1) / 2) + channel / 2]
            return Int(channel % 2 == 0 ? byte & 15 : byte >> 4)
        }

        func pool<Output>(input: Plane<Input>, output: Plane<Output>, epilogue: vk_epilogue) -> vk_max_pool {
            vk_max_pool(
                input: input.base, input_row: input.rowStride, input_pixel: input.pixelStride,
                input_height: Int32(values.height), input_width: Int32(values.width), output: output.base,
                output_row: output.rowStride, output_pixel: output.pixelStride, height: Int32(height),
                width: Int32(width), channels: Int32(channels), window: Int32(window), stride: Int32(stride),
                rows_before: Int32(rowsBefore), columns_before: Int32(columnsBefore), positions: positions.base,
                reads_floats: Input.holdsFloats ? 1 : 0, epilogue: epilogue)
        }
    }

    @Test("max pooling takes the first largest element of each window", arguments: KernelTable.all)
    func maxPoolForward(table: KernelTable) { checkMaxPoolForward(table, Float.self, Float.self) }

    @Test("max pooling chooses among floats and among bfloat16 before it rounds", arguments: KernelTable.reduced)
    func reducedMaxPoolForward(table: KernelTable) {
        checkMaxPoolForward(table, BFloat16.self, BFloat16.self)
        checkMaxPoolForward(table, Float.self, BFloat16.self)
    }

    private func checkMaxPoolForward<Input: TensorElement, Output: TensorElement>(
        _ table: KernelTable, _: Input.Type, _: Output.Type
    ) {
        for seed in 0..<60 {
            var random = SeededGenerator(seed: seed)
            let test = MaxPool<Input>(using: &random)
            let fixture = OutputFixture<Output>(
                height: test.height, width: test.width, channels: test.channels, using: &random)
            let rows = random.range(in: test.height)
            var pool = test.pool(input: test.values, output: fixture.output, epilogue: fixture.epilogue)
            vk_max_pool_forward(table.kernels, &pool, Int32(rows.lowerBound), Int32(rows.upperBound))
            fixture.check(
                computed: { y, _, _ in rows.contains(y) },
                sum: { y, x, channel in
                    let largest = test.value(y, x, channel, test.choice(y, x, channel))
                    return ExactSum(value: Double(largest), magnitude: Double(abs(largest)), terms: 1)
                }, "seed \(seed): \(test.description)")
            for y in 0..<test.height {
                for x in 0..<test.width {
                    for channel in 0..<test.channels {
                        let expected = rows.contains(y) ? test.choice(y, x, channel) : 0xe
                        #expect(test.position(y, x, channel) == expected, "seed \(seed): \(test.description)")
                    }
                }
            }
        }
    }

    @Test("max pooling's gradient goes to the elements that were chosen", arguments: KernelTable.all)
    func maxPoolBackward(table: KernelTable) { checkMaxPoolBackward(table, Float.self) }

    @Test("max pooling's gradient in bfloat16 goes to the elements that were chosen", arguments: KernelTable.reduced)
    func reducedMaxPoolBackward(table: KernelTable) { checkMaxPoolBackward(table, BFloat16.self) }

    private func checkMaxPoolBackward<Element: TensorElement>(_ table: KernelTable, _: Element.Type) {
        for seed in 0..<60 {
            var random = SeededGenerator(seed: seed)
            let test = MaxPool<Element>(using: &random)
            let output = Plane<Element>(height: test.height, width: test.width, channels: test.channels, using: &random)
            var forward = test.pool(input: test.values, output: output, epilogue: vk_epilogue())
            vk_max_pool_forward(table.kernels, &forward, 0, Int32(test.height))

            let gradient = Plane<Element>(
                height: test.height, width: test.width, channels: test.channels, using: &random)
            let fixture = OutputFixture<Element>(
                height: test.values.height, width: test.values.width, channels: test.channels, using: &random)
            var backward = test.pool(input: fixture.output, output: gradient, epilogue: fixture.epilogue)
            let rows = random.range(in: test.values.height)
            vk_max_pool_backward(table.kernels, &backward, Int32(rows.lowerBound), Int32(rows.upperBound))
            fixture.check(
                computed: { y, _, _ in rows.contains(y) },
                sum: { y, x, channel in
                    var sum = ExactSum()
                    for row in 0..<test.height {
                        for column in 0..<test.width {
                            let choice = test.choice(row, column, channel)
                            if test.place(row, column, choice) == (y, x) {
                                sum.add(gradient.value(row, column, channel))
                            }
                        }
                    }
                    return sum
                }, "seed \(seed): \(test.description)")
        }
    }

    @Test("average pooling leaves the padding out or counts it, forward and backward", arguments: KernelTable.all)
    func averagePool(table: KernelTable) { checkAveragePool(table, Float.self) }

    @Test("average pooling of bfloat16 sums floats and rounds once", arguments: KernelTable.reduced)
    func reducedAveragePool(table: KernelTable) { checkAveragePool(table, BFloat16.self) }

    private func checkAveragePool<Element: TensorElement>(_ table: KernelTable, _: Element.Type) {
        for seed in 0..<60 {
            var random = SeededGenerator(seed: seed)
            let (height, width, reach) = (random.integer(1...7), random.integer(1...7), random.integer(0...2))
            let channels = random.flip() ? random.integer(1...20) : random.integer(21...70)
            let input = Plane<Element>(height: height, width: width, channels: channels, using: &random)
            let rows = random.range(in: height)
            let shape = "\(height)x\(width)x\(channels), window \(2 * reach + 1)"
            func window(_ y: Int, _ x: Int) -> [(y: Int, x: Int)] {
                (max(0, y - reach)...min(height - 1, y + reach)).flatMap { row in
                    (max(0, x - reach)...min(width - 1, x + reach)).map { (row, $0) }
                }
            }
            for (backward, countsPadding) in [(false, false), (true, false), (false, true), (true, true)] {
                let fixture = OutputFixture<Element>(height: height, width: width, channels: channels, using: &random)
                var pool = vk_average_pool(
                    input: input.base, input_row: input.rowStride, input_pixel: input.pixelStride,
                    output: fixture.output.base, output_row: fixture.output.rowStride,
                    output_pixel: fixture.output.pixelStride, height: Int32(height), width: Int32(width),
                    channels: Int32(channels), window: Int32(2 * reach + 1), counts_padding: countsPadding ? 1 : 0,
                    epilogue: fixture.epilogue)
                let run = backward ? vk_average_pool_backward : vk_average_pool_forward
                run(table.kernels, &pool, Int32(rows.lowerBound), Int32(rows.upperBound))
                fixture.check(
                    computed: { y, _, _ in rows.contains(y) },
                    sum: { y, x, channel in
                        var sum = ExactSum()
                        for place in window(y, x) {
                            let inside = backward ? window(place.y, place.x).count : window(y, x).count
                            let elements = countsPadding ? (2 * reach + 1) * (2 * reach + 1) : inside
                            sum.add(input.value(place.y, place.x, channel) / Double(elements))
                        }
                        return sum
                    },
                    "seed \(seed): \(shape), backward \(backward), counts padding \(countsPadding)")
            }
        }
    }
}
