import CVectorKernels
import Testing

@Suite("Convolution as an implicit product")
struct ConvolutionTests {
    /// A convolution of random shape, strides and epilogue.
    final class Case<Input: TensorElement, Output: TensorElement> {
        let input: Plane<Input>
        let weights: [Float]  // rounded as the kernel multiplies them
        let fixture: OutputFixture<Output>
        private let packed: GuardedBuffer<Float>
        private let tapOffsets: GuardedBuffer<Int>
        private(set) var convolution = vk_convolution()
        let panels: Int
        let description: String

        init(using random: inout SeededGenerator) {
            let (height, width, stride) = (random.integer(1...7), random.integer(1...13), random.integer(1...2))
            let (kernelHeight, kernelWidth) = (random.integer(1...3), random.integer(1...3))
            let mostInputs = random.flip() ? random.integer(1...5) : random.integer(6...60)
            let inputs = (mostInputs + Input.step - 1) / Input.step * Input.step
            let outputs = random.flip() ? random.integer(1...20) : random.integer(21...90)
            let taps = kernelHeight * kernelWidth
            description = """
                \(height)x\(width), stride \(stride), kernel \(kernelHeight)x\(kernelWidth), \
                \(inputs) \(Input.self) -> \(outputs) \(Output.self)
                """
            input = Plane(
                height: (height - 1) * stride + kernelHeight, width: (width - 1) * stride + kernelWidth,
                channels: inputs, using: &random)
            fixture = OutputFixture(height: height, width: width, channels: outputs, using: &random)
            let weights = (0..<taps * inputs * outputs).map { _ in random.float() }
            self.weights = weights.map { Input(rounding: $0).value }
            packed = GuardedBuffer.packed(weights, taps: taps, inputs: inputs, outputs: outputs, for: Input.self)
            tapOffsets = GuardedBuffer(count: taps) { [input] tap in
                input.offset(tap / kernelWidth, tap % kernelWidth)
            }
            panels = (outputs + Int(VK_PANEL) - 1) / Int(VK_PANEL)
            convolution.input = UnsafeRawPointer(input.base)
            convolution.input_row = input.rowStride * stride
            convolution.input_pixel = input.pixelStride * stride
            convolution.output = UnsafeMutableRawPointer(fixture.output.base)
            convolution.output_row = fixture.output.rowStride
            convolution.output_pixel = fixture.output.pixelStride
            (convolution.height, convolution.width) = (Int32(height), Int32(width))
            convolution.taps = Int32(taps)
            convolution.tap_offsets = UnsafePointer(tapOffsets.base)
            (convolution.inputs, convolution.outputs) = (Int32(inputs), Int32(outputs))
            convolution.weights = UnsafePointer(packed.base)
            convolution.reads_floats = Input.holdsFloats ? 1 : 0
            convolution.writes_floats = Output.holdsFloats ? 1 : 0
            convolution.epilogue = fixture.epilogue
        }

        func run(_ table: KernelTable, rows: Range<Int>, panels: Range<Int>) {
            vk_convolve(
                table.kernels, &convolution, Int32(rows.lowerBound), Int32(rows.upperBound), Int32(panels.lowerBound),
                Int32(panels.upperBound))
        }

        func exactSum(_ y: Int, _ x: Int, _ output: Int) -> ExactSum {
            var sum = ExactSum()
            let pixel = input.base + y * convolution.input_row + x * convolution.input_pixel
            for tap in 0..<Int(convolution.taps) {
                for channel in 0..<input.depth {
                    let weight = weights[(tap * input.depth + channel) * fixture.output.depth + output]
                    sum.add(Double(pixel[tapOffsets.base[tap] + channel].value) * Double(weight))
                }
            }
            return sum
        }
    }

    @Test("computes the requested rows and panels, and writes nothing else", arguments: KernelTable.all)
    func agreesWithNaiveSums(table: KernelTable) { checkSums(table, Float.self, Float.self) }

    @Test("reads and writes floats or bfloat16 in every combination", arguments: KernelTable.reduced)
    func combinesFormats(table: KernelTable) {
        checkSums(table, BFloat16.self, BFloat16.self)
        checkSums(table, BFloat16.self, Float.self)
        checkSums(table, Float.self, BFloat16.self)
        checkSums(table, Float.self, Float.self)
    }

    private func checkSums<Input: TensorElement, Output: TensorElement>(
        _ table: KernelTable, _: Input.Type, _: Output.Type
    ) {
        for seed in 0..<60 {
            var random = SeededGenerator(seed: seed)
            let test = Case<Input, Output>(using: &random)
            let rows = random.range(in: Int(test.convolution.height))
            let panels = random.range(in: test.panels)
            test.run(table, rows: rows, panels: panels)
            test.fixture.check(
                computed: { y, _, channel in rows.contains(y) && panels.contains(channel / Int(VK_PANEL)) },
                sum: test.exactSum, "seed \(seed): \(test.description), rows \(rows), panels \(panels)")
        }
    }

    @Test("gives the same bits however rows and panels are split", arguments: KernelTable.all)
    func isIndependentOfSplits(table: KernelTable) { checkSplits(table, Float.self, Float.self) }

    @Test("gives the same bits of every format however rows and panels are split", arguments: KernelTable.reduced)
    func formatsAreIndependentOfSplits(table: KernelTable) {
        checkSplits(table, BFloat16.self, BFloat16.self)
        checkSplits(table, BFloat16.self, Float.self)
        checkSplits(table, Float.self, BFloat16.self)
        checkSplits(table, Float.self, Float.self)
    }

    private func checkSplits<Input: TensorElement, Output: TensorElement>(
        _ table: KernelTable, _: Input.Type, _: Output.Type
    ) {
        for seed in 100..<130 {
            var random = SeededGenerator(seed: seed)
            let test = Case<Input, Output>(using: &random)
            let height = Int(test.convolution.height)
            test.run(table, rows: 0..<height, panels: 0..<test.panels)
            let whole = test.fixture.written
            test.fixture.reset()
            for rows in random.split(height) {
                for panels in random.split(test.panels) { test.run(table, rows: rows, panels: panels) }
            }
            #expect(test.fixture.written == whole, "seed \(seed): \(test.description)")
        }
    }

    @Test("sums a large product over many blocks of pixels", arguments: KernelTable.all)
    func passesBlockBoundaries(table: KernelTable) { checkLargeProduct(table, Float.self) }

    @Test("sums a large product of pairs over many blocks of pixels", arguments: KernelTable.reduced)
    func pairsPassBlockBoundaries(table: KernelTable) { checkLargeProduct(table, BFloat16.self) }

    private func checkLargeProduct<Element: TensorElement>(_ table: KernelTable, _: Element.Type) {
        // 40 x 40 pixels of 256 channels make several blocks, each as large as the second-level cache allows.
        let (size, inputs, outputs) = (40, 256, 20)
        var random = SeededGenerator(seed: 1)
        let input = Plane<Element>(height: size, width: size, channels: inputs, using: &random)
        let fixture = OutputFixture<Element>(height: size, width: size, channels: outputs, using: &random)
        let weights = (0..<inputs * outputs).map { _ in random.float() }
        let packed = GuardedBuffer.packed(weights, taps: 1, inputs: inputs, outputs: outputs, for: Element.self)
        let here = GuardedBuffer(count: 1) { _ in 0 }
        var convolution = vk_convolution(
            input: input.base, input_row: input.rowStride, input_pixel: input.pixelStride, output: fixture.output.base,
            output_row: fixture.output.rowStride, output_pixel: fixture.output.pixelStride, height: Int32(size),
            width: Int32(size), taps: 1, tap_offsets: here.base, inputs: Int32(inputs), outputs: Int32(outputs),
            weights: packed.base, reads_floats: 0, writes_floats: 0, epilogue: fixture.epilogue)
        vk_convolve(table.kernels, &convolution, 0, Int32(size), 0, 2)
        fixture.check(
            computed: { _, _, _ in true },
            sum: { y, x, output in
                var sum = ExactSum()
                for channel in 0..<inputs {
                    let weight = Element(rounding: weights[channel * outputs + output]).value
                    sum.add(input.value(y, x, channel) * Double(weight))
                }
                return sum
            }, "1x1 of \(inputs) channels")
    }

    @Test("pairs the weights of two inputs, rounded to the nearest bfloat16, ties to even")
    func pairsWeights() {
        let ties: [Float] = [
            0x1.01p0, 0x1.03p0, -0x1.01p0, -0x1.03p0,  // halfway between two bfloat16
            0x1.010002p0, 0x1.00fffep0, 0x1.ffp0, 0x1.fep-127,  // close to a tie, and rounded into the next binade
            0, -0.0, 0x1p-133, 0x1p-134, 0x1.8p-133, -0x1.8p-134, 0x1p-149, .leastNormalMagnitude,
            0x1.fefffep127, -0x1.fep127,  // the largest that do not become infinite
        ]
        var random = SeededGenerator(seed: 0)
        let rows = 12, width = Int(VK_PANEL), length = rows * width
        let packed = GuardedBuffer(count: length) { $0 < ties.count ? ties[$0] : random.float() }
        let pairs = GuardedBuffer(count: length / 2) { _ in Float.nan }
        vk_pair_weights(packed.base, length, pairs.base)
        for row in 0..<rows {
            for lane in 0..<width {
                let bits = pairs.base[row / 2 * width + lane].bitPattern
                let weight = packed.base[row * width + lane]
                let paired = BFloat16(bits: UInt16(truncatingIfNeeded: row % 2 == 0 ? bits : bits >> 16))
                #expect(paired == BFloat16(rounding: weight), "row \(row), lane \(lane): \(weight)")
            }
        }
    }

    @Test("packs weights in panels and fills the last with zeros")
    func packsPanels() {
        let (taps, inputs, outputs) = (2, 3, 18)
        let weights = (0..<taps * inputs * outputs).map { Float($0 + 1) }
        let length = vk_packed_length(Int32(taps), Int32(inputs), Int32(outputs))
        #expect(length == 2 * taps * inputs * 16)
        var packed = [Float](repeating: -1, count: length)
        vk_pack(weights, Int32(taps), Int32(inputs), Int32(outputs), &packed)
        for (position, value) in packed.enumerated() {
            let (panel, rest) = position.quotientAndRemainder(dividingBy: taps * inputs * 16)
            let (row, lane) = rest.quotientAndRemainder(dividingBy: 16)
            let output = panel * 16 + lane
            #expect(value == (output < outputs ? weights[row * outputs + output] : 0))
        }
    }
}
