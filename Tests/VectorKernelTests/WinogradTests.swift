import CVectorKernels
import Testing

@Suite("Winograd convolution")
struct WinogradTests {
    /// A Winograd convolution of the given transforms with random sizes, padding, strides and epilogue.
    final class Case<Element: TensorElement> {
        let input: Plane<Element>
        let weights: [Float]
        let fixture: OutputFixture<Element>
        private let packed: GuardedBuffer<Float>
        private let scratch: GuardedBuffer<UInt64>
        private(set) var convolution = vk_winograd()
        let description: String

        init(
            vertical: Transform, horizontal: Transform, factors: Factors, largest: Int = 20,
            using random: inout SeededGenerator
        ) {
            let (height, width) = (random.integer(1...largest), random.integer(1...largest))
            let (padTop, padLeft) = (random.integer(0...vertical.kernel), random.integer(0...horizontal.kernel))
            // The input may end before, at or after the last window.
            let inputHeight = max(1, height - padTop + vertical.kernel - 1 - random.integer(-2...vertical.kernel))
            let inputWidth = max(1, width - padLeft + horizontal.kernel - 1 - random.integer(-2...horizontal.kernel))
            let anyInputs = random.flip() ? random.integer(1...20) : random.integer(21...50)
            let inputs = factors == .pairs ? anyInputs + anyInputs % 2 : anyInputs
            let outputs = random.flip() ? random.integer(1...20) : random.integer(21...70)
            description = """
                F(\(vertical.tile)x\(horizontal.tile), \(vertical.kernel)x\(horizontal.kernel)), input \
                \(inputHeight)x\(inputWidth)x\(inputs), padding \(padTop), \(padLeft), \
                output \(height)x\(width)x\(outputs), \(Element.self), \(factors)
                """
            input = Plane(height: inputHeight, width: inputWidth, channels: inputs, using: &random)
            fixture = OutputFixture(height: height, width: width, channels: outputs, using: &random)
            weights = (0..<vertical.kernel * horizontal.kernel * inputs * outputs).map { _ in random.float() }
            (convolution.kernel_height, convolution.kernel_width) = (Int32(vertical.kernel), Int32(horizontal.kernel))
            (convolution.tile_height, convolution.tile_width) = (Int32(vertical.tile), Int32(horizontal.tile))
            (convolution.inputs, convolution.outputs) = (Int32(inputs), Int32(outputs))
            packed = .transformed(weights, for: convolution, factors)
            convolution.input = UnsafeRawPointer(input.base)
            (convolution.input_row, convolution.input_pixel) = (input.rowStride, input.pixelStride)
            (convolution.input_height, convolution.input_width) = (Int32(inputHeight), Int32(inputWidth))
            (convolution.pad_top, convolution.pad_left) = (Int32(padTop), Int32(padLeft))
            convolution.output = UnsafeMutableRawPointer(fixture.output.base)
            convolution.output_row = fixture.output.rowStride
            convolution.output_pixel = fixture.output.pixelStride
            (convolution.height, convolution.width) = (Int32(height), Int32(width))
            convolution.weights = UnsafePointer(packed.base)
            convolution.multiplies_pairs = factors == .pairs ? 1 : 0
            convolution.epilogue = fixture.epilogue
            // Filled with NaNs. Because its length is a multiple of 64 bytes and a page follows, it is aligned to 64
            // bytes.
            scratch = GuardedBuffer(count: (vk_winograd_scratch_length(&convolution) + 63) / 64 * 8) { _ in .max }
        }

        var tiles: Int { Int(vk_winograd_tiles(&convolution)) }

        func run(_ table: KernelTable, tiles: Range<Int>) {
            vk_winograd_convolve(
                table.kernels, &convolution, Int32(tiles.lowerBound), Int32(tiles.upperBound), scratch.base)
        }

        func tile(_ y: Int, _ x: Int) -> Int {
            let tileWidth = Int(convolution.tile_width)
            let columns = (Int(convolution.width) + tileWidth - 1) / tileWidth
            return y / Int(convolution.tile_height) * columns + x / tileWidth
        }

        func exactSum(_ y: Int, _ x: Int, _ output: Int) -> ExactSum {
            var sum = ExactSum()
            for tap in 0..<Int(convolution.kernel_height * convolution.kernel_width) {
                let (tapRow, tapColumn) = tap.quotientAndRemainder(dividingBy: Int(convolution.kernel_width))
                let (row, column) = (y + tapRow - Int(convolution.pad_top), x + tapColumn - Int(convolution.pad_left))
                guard 0..<input.height ~= row, 0..<input.width ~= column else { continue }
                for channel in 0..<input.depth {
                    let weight = weights[(tap * input.depth + channel) * fixture.output.depth + output]
                    sum.add(input.value(row, column, channel) * Double(weight))
                }
            }
            return sum
        }
    }

    @Test("computes the requested tiles of every transform, and writes nothing else", arguments: KernelTable.all)
    func agreesWithNaiveSums(table: KernelTable) {
        for (seed, (vertical, horizontal)) in Self.pairsOfTransforms.enumerated() {
            // The error depends on all inputs of a tile, even where most of a window lies in the padding.
            checkSums(table, Float.self, .floats, vertical, horizontal, seed: seed) { terms in terms * 0x1p-19 }
        }
    }

    @Test("computes the requested tiles of bfloat16 from products of floats", arguments: KernelTable.reduced)
    func multipliesFloats(table: KernelTable) {
        for (seed, (vertical, horizontal)) in Self.pairsOfTransforms.enumerated() {
            checkSums(table, BFloat16.self, .floats, vertical, horizontal, seed: seed) { terms in terms * 0x1p-19 }
        }
    }

    /// Inputs and weights are uniform in -1...1, with a variance of 1/3: a sum's root mean square is sqrt(terms) / 3.
    /// Twelve standard deviations of its error bound every element, also the last of a tile, whose error is up to 2.5
    /// times the tile's.
    @Test("computes the requested tiles of bfloat16 from products of pairs", arguments: KernelTable.reduced)
    func multipliesPairs(table: KernelTable) {
        for (seed, (vertical, horizontal)) in Self.pairsOfTransforms.enumerated() {
            let error = Factors.pairs.error * vertical.errorGrowth * horizontal.errorGrowth
            checkSums(table, BFloat16.self, .pairs, vertical, horizontal, seed: seed) { terms in
                12 * error * terms.squareRoot() / 3
            }
        }
    }

    static let pairsOfTransforms: [(vertical: Transform, horizontal: Transform)] = Transform.all.flatMap { transform in
        // Two directions of F(4, 7) would lose more digits than these tests allow.
        (transform.size < 9 ? [(transform, transform)] : []) + [(transform, .none), (.none, transform)]
    }

    /// - Parameter error: The allowed error of a sum of this many products.
    private func checkSums<Element: TensorElement>(
        _ table: KernelTable, _: Element.Type, _ factors: Factors, _ vertical: Transform, _ horizontal: Transform,
        seed: Int, error: (_ terms: Double) -> Double
    ) {
        var random = SeededGenerator(seed: seed)
        let test = Case<Element>(vertical: vertical, horizontal: horizontal, factors: factors, using: &random)
        let tiles = random.range(in: test.tiles)
        test.run(table, tiles: tiles)
        let tolerance = error(Double(vertical.kernel * horizontal.kernel * test.input.depth))
        test.fixture.check(
            computed: { y, x, _ in tiles.contains(test.tile(y, x)) },
            sum: { y, x, channel in
                ExactSum(value: test.exactSum(y, x, channel).value, magnitude: tolerance / 0x1p-23, terms: 1)
            }, "seed \(seed): \(test.description), tiles \(tiles)")
    }

    @Test("gives the same bits however tiles are split", arguments: KernelTable.all)
    func isIndependentOfSplits(table: KernelTable) { checkSplits(table, Float.self, .floats) }

    @Test("gives the same bits of bfloat16 however tiles are split", arguments: KernelTable.reduced, Factors.allCases)
    func reducedIsIndependentOfSplits(table: KernelTable, factors: Factors) {
        checkSplits(table, BFloat16.self, factors)
    }

    private func checkSplits<Element: TensorElement>(_ table: KernelTable, _: Element.Type, _ factors: Factors) {
        for (seed, transform) in Transform.all.enumerated() {
            var random = SeededGenerator(seed: seed + 1000)
            let test = Case<Element>(
                vertical: transform, horizontal: transform, factors: factors, largest: 40, using: &random)
            test.run(table, tiles: 0..<test.tiles)
            let whole = test.fixture.written
            test.fixture.reset()
            for tiles in random.split(test.tiles) { test.run(table, tiles: tiles) }
            #expect(test.fixture.written == whole, "seed \(seed): \(test.description)")
        }
    }

    /// The transforms that networks use, with the allowed error of each: root mean square, relative to that of the
    /// result.
    static let errorBounds: [(vertical: Transform, horizontal: Transform, bound: Double)] = [
        (Transform(tile: 2, kernel: 3), Transform(tile: 2, kernel: 3), 5e-7),
        (Transform(tile: 4, kernel: 3), Transform(tile: 4, kernel: 3), 1e-6),
        (Transform(tile: 5, kernel: 3), Transform(tile: 5, kernel: 3), 3e-6),
        (Transform(tile: 6, kernel: 3), Transform(tile: 6, kernel: 3), 5e-6),
        (Transform(tile: 4, kernel: 5), Transform(tile: 4, kernel: 5), 3.5e-6),
        (Transform(tile: 1, kernel: 1), Transform(tile: 4, kernel: 7), 3e-6),
        (Transform(tile: 4, kernel: 7), Transform(tile: 1, kernel: 1), 3e-6),
        (Transform(tile: 3, kernel: 2), Transform(tile: 3, kernel: 2), 1e-6),
        (Transform(tile: 4, kernel: 2), Transform(tile: 4, kernel: 2), 1.5e-6),
    ]

    @Test("keeps the rounding errors of the transforms low", arguments: KernelTable.all)
    func keepsErrorsLow(table: KernelTable) {
        for (vertical, horizontal, bound) in Self.errorBounds {
            // After a ReLU: half of the activations are zero.
            let error = relativeError(table, Float.self, .floats, vertical, horizontal) { max(0, $0) }
            #expect(error <= bound, "F(\(vertical.tile)x\(horizontal.tile), \(vertical.kernel)x\(horizontal.kernel))")
            #expect(error > 0, "a result without any rounding error was not computed this way")
        }
    }

    /// The squares of two independent errors add up: that of the products, enlarged by the transforms, and that of
    /// rounding the output. `BFloat16.roundingError` is that of numbers whose logarithms are uniform, which those of
    /// the weights are not; where a transform does not change the weights, the error is up to 12 % smaller. An error
    /// smaller than that would mean that the products are not those of bfloat16.
    @Test(
        "has the rounding errors of bfloat16 that the transforms predict", arguments: KernelTable.reduced,
        Factors.allCases)
    func predictsErrors(table: KernelTable, factors: Factors) {
        // F(1, 1) alone transforms nothing: its inputs need no rounding.
        for (vertical, horizontal) in Self.pairsOfTransforms where vertical.size * horizontal.size > 1 {
            let ofProducts = factors.error * vertical.errorGrowth * horizontal.errorGrowth
            let predicted = (ofProducts * ofProducts + BFloat16.roundingError * BFloat16.roundingError).squareRoot()
            let error = relativeError(table, BFloat16.self, factors, vertical, horizontal) { $0 }
            #expect(
                (0.85...1.15).contains(error / predicted),
                """
                F(\(vertical.tile)x\(horizontal.tile), \(vertical.kernel)x\(horizontal.kernel)): \(error) where \
                \(predicted) was predicted
                """)
        }
    }

    /// The root mean square of the error of a convolution of random inputs, relative to that of its result.
    private func relativeError<Element: TensorElement>(
        _ table: KernelTable, _: Element.Type, _ factors: Factors, _ vertical: Transform, _ horizontal: Transform,
        activation: (Float) -> Float
    ) -> Double {
        let (size, inputs, outputs) = (24, 96, 16)
        var random = SeededGenerator(seed: 7)
        let (height, width) = (size + vertical.kernel - 1, size + horizontal.kernel - 1)
        let input = GuardedBuffer(count: height * width * inputs) { _ in Element(rounding: activation(random.float())) }
        let weights = (0..<vertical.kernel * horizontal.kernel * inputs * outputs).map { _ in random.float() }
        let output = GuardedBuffer(count: size * size * outputs) { _ in Element.nan }
        var convolution = vk_winograd()
        convolution.input = UnsafeRawPointer(input.base)
        (convolution.input_row, convolution.input_pixel) = (width * inputs, inputs)
        (convolution.input_height, convolution.input_width) = (Int32(height), Int32(width))
        convolution.output = UnsafeMutableRawPointer(output.base)
        (convolution.output_row, convolution.output_pixel) = (size * outputs, outputs)
        (convolution.height, convolution.width) = (Int32(size), Int32(size))
        (convolution.kernel_height, convolution.kernel_width) = (Int32(vertical.kernel), Int32(horizontal.kernel))
        (convolution.tile_height, convolution.tile_width) = (Int32(vertical.tile), Int32(horizontal.tile))
        (convolution.inputs, convolution.outputs) = (Int32(inputs), Int32(outputs))
        convolution.multiplies_pairs = factors == .pairs ? 1 : 0
        let packed = GuardedBuffer.transformed(weights, for: convolution, factors)
        convolution.weights = UnsafePointer(packed.base)
        let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: vk_winograd_scratch_length(&convolution), alignment: 64)
        defer { scratch.deallocate() }
        vk_winograd_convolve(table.kernels, &convolution, 0, vk_winograd_tiles(&convolution), scratch)

        var (errors, squares) = (0.0, 0.0)
        for place in stride(from: 0, to: output.count, by: 7) {
            let (pixel, channel) = place.quotientAndRemainder(dividingBy: outputs)
            var exact = 0.0
            for tap in 0..<vertical.kernel * horizontal.kernel {
                let (row, column) = (pixel / size + tap / horizontal.kernel, pixel % size + tap % horizontal.kernel)
                for index in 0..<inputs {
                    exact +=
                        Double(input.base[(row * width + column) * inputs + index].value)
                        * Double(weights[(tap * inputs + index) * outputs + channel])
                }
            }
            let error = Double(output.base[place].value) - exact
            errors += error * error
            squares += exact * exact
        }
        return (errors / squares).squareRoot()
    }

    @Test("supports the transforms of the networks, and refuses impossible ones")
    func listsTransforms() {
        for (tile, kernel) in [(1, 1), (2, 3), (4, 3), (5, 3), (6, 3), (4, 5), (2, 7), (4, 7), (3, 2), (4, 2)] {
            #expect(vk_winograd_supports(Int32(tile), Int32(kernel)) == 1)
        }
        for (tile, kernel) in [(0, 3), (7, 3), (5, 5), (3, 0), (4, 1), (-1, 3), (4, 9)] {
            #expect(vk_winograd_supports(Int32(tile), Int32(kernel)) == 0)
        }
    }
}
