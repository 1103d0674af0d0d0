import CVectorKernels
import Testing

@Suite("Depthwise convolution")
struct DepthwiseTests {
    /// A convolution of random shape, strides and epilogue.
    final class Case<Input: TensorElement, Output: TensorElement> {
        let input: Plane<Input>
        let fixture: OutputFixture<Output>
        private let weights: GuardedBuffer<Float>
        private let tapOffsets: GuardedBuffer<Int>
        private(set) var convolution = vk_depthwise()
        let description: String

        init(using random: inout SeededGenerator) {
            let (height, width, stride) = (random.integer(1...5), random.integer(1...19), random.integer(1...2))
            let (kernelHeight, kernelWidth) = (random.integer(1...5), random.integer(1...5))
            let channels = random.flip() ? random.integer(1...20) : random.integer(21...90)
            let taps = kernelHeight * kernelWidth
            description = """
                \(height)x\(width), stride \(stride), kernel \(kernelHeight)x\(kernelWidth), \
                \(channels) \(Input.self) -> \(Output.self)
                """
            input = Plane(
                height: (height - 1) * stride + kernelHeight, width: (width - 1) * stride + kernelWidth,
                channels: channels, using: &random)
            fixture = OutputFixture(height: height, width: width, channels: channels, using: &random)
            let values = (0..<taps * channels).map { _ in random.float() }
            weights = GuardedBuffer(count: values.count) { values[$0] }
            tapOffsets = GuardedBuffer(count: taps) { [input] tap in
                input.offset(tap / kernelWidth, tap % kernelWidth)
            }
            convolution.input = UnsafeRawPointer(input.base)
            convolution.input_row = input.rowStride * stride
            convolution.input_pixel = input.pixelStride * stride
            convolution.output = UnsafeMutableRawPointer(fixture.output.base)
            convolution.output_row = fixture.output.rowStride
            convolution.output_pixel = fixture.output.pixelStride
            (convolution.height, convolution.width) = (Int32(height), Int32(width))
            convolution.taps = Int32(taps)
            convolution.tap_offsets = UnsafePointer(tapOffsets.base)
            convolution.channels = Int32(channels)
            convolution.weights = UnsafePointer(weights.base)
            convolution.reads_floats = Input.holdsFloats ? 1 : 0
            convolution.writes_floats = Output.holdsFloats ? 1 : 0
            convolution.epilogue = fixture.epilogue
        }

        func run(_ table: KernelTable, rows: Range<Int>) {
            vk_convolve_depthwise(table.kernels, &convolution, Int32(rows.lowerBound), Int32(rows.upperBound))
        }

        func exactSum(_ y: Int, _ x: Int, _ channel: Int) -> ExactSum {
            var sum = ExactSum()
            let pixel = input.base + y * convolution.input_row + x * convolution.input_pixel
            for tap in 0..<Int(convolution.taps) {
                let weight = weights.base[tap * Int(convolution.channels) + channel]
                sum.add(Double(pixel[tapOffsets.base[tap] + channel].value) * Double(weight))
            }
            return sum
        }
    }

    @Test("computes the asked rows, and writes nothing else", arguments: KernelTable.all)
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
            test.run(table, rows: rows)
            test.fixture.check(
                computed: { y, _, _ in rows.contains(y) }, sum: test.exactSum,
                "seed \(seed): \(test.description), rows \(rows)")
        }
    }
}
