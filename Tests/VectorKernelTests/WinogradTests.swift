import CVectorKernels
import Testing

/// F(tile, kernel) in one direction.
struct Transform: Sendable, CustomTestStringConvertible {
    let tile, kernel: Int
    var testDescription: String { "F(\(tile), \(kernel))" }

    static let all: [Transform] = (0..<144).map { Transform(tile: $0 / 12, kernel: $0 % 12) }
        .filter { vk_winograd_supports(Int32($0.tile), Int32($0.kernel)) != 0 }
}

@Suite("Winograd convolution")
struct WinogradTests {
    /// A Winograd convolution of the given transforms with random sizes, padding, strides and epilogue.
    final class Case {
        let input: Plane<Float>
        let weights: [Float]
        let fixture: OutputFixture
        private let packed: GuardedBuffer<Float>
        private let scratch: UnsafeMutableRawPointer
        private(set) var convolution = vk_winograd()
        let description: String

        init(vertical: Transform, horizontal: Transform, largest: Int = 20, using random: inout SeededGenerator) {
            let (height, width) = (random.integer(1...largest), random.integer(1...largest))
            let (padTop, padLeft) = (random.integer(0...vertical.kernel), random.integer(0...horizontal.kernel))
            // The input may end before, at or after the last window.
            let inputHeight = max(1, height - padTop + vertical.kernel - 1 - random.integer(-2...vertical.kernel))
            let inputWidth = max(1, width - padLeft + horizontal.kernel - 1 - random.integer(-2...horizontal.kernel))
            let inputs = random.flip() ? random.integer(1...20) : random.integer(21...50)
            let outputs = random.flip() ? random.integer(1...20) : random.integer(21...70)
            description = """
                F(\(vertical.tile)x\(horizontal.tile), \(vertical.kernel)x\(horizontal.kernel)), input \
                \(inputHeight)x\(inputWidth)x\(inputs), padding \(padTop), \(padLeft), \
                output \(height)x\(width)x\(outputs)
                """
            input = Plane(height: inputHeight, width: inputWidth, channels: inputs, using: &random)
            fixture = OutputFixture(height: height, width: width, channels: outputs, using: &random)
            weights = (0..<vertical.kernel * horizontal.kernel * inputs * outputs).map { _ in random.float() }
            (convolution.kernel_height, convolution.kernel_width) = (Int32(vertical.kernel), Int32(horizontal.kernel))
            (convolution.tile_height, convolution.tile_width) = (Int32(vertical.tile), Int32(horizontal.tile))
            (convolution.inputs, convolution.outputs) = (Int32(inputs), Int32(outputs))
            packed = GuardedBuffer(
                count: vk_winograd_packed_length(
                    convolution.kernel_height, convolution.kernel_width, convolution.tile_height,
                    convolution.tile_width, convolution.inputs, convolution.outputs)
            ) { _ in .nan }
            vk_winograd_pack(
                weights, convolution.kernel_height, convolution.kernel_width, convolution.tile_height,
                convolution.tile_width, convolution.inputs, convolution.outputs, packed.base)
            convolution.input = UnsafeRawPointer(input.base)
            (convolution.input_row, convolution.input_pixel) = (input.rowStride, input.pixelStride)
            (convolution.input_height, convolution.input_width) = (Int32(inputHeight), Int32(inputWidth))
            (convolution.pad_top, convolution.pad_left) = (Int32(padTop), Int32(padLeft))
            convolution.output = UnsafeMutableRawPointer(fixture.output.base)
            convolution.output_row = fixture.output.rowStride
            convolution.output_pixel = fixture.output.pixelStride
            (convolution.height, convolution.width) = (Int32(height), Int32(width))
            convolution.weights = UnsafePointer(packed.base)
            convolution.epilogue = fixture.epilogue
            let length = vk_winograd_scratch_length(&convolution)
            scratch = .allocate(byteCount: length, alignment: 64)
            scratch.initializeMemory(as: UInt8.self, repeating: 0xff, count: length) // NaNs
        }

        deinit { scratch.deallocate() }

        var tiles: Int { Int(vk_winograd_tiles(&convolution)) }

        func run(_ table: KernelTable, tiles: Range<Int>) {
            vk_winograd_convolve(
                table.kernels, &convolution, Int32(tiles.lowerBound), Int32(tiles.upperBound), scratch)
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
                    sum.add(Double(input[row, column, channel]) * Double(weight))
                }
            }
            return sum
        }
    }

    @Test("computes the asked tiles of every transform, and writes nothing else", arguments: KernelTable.all)
    func agreesWithNaiveSums(table: KernelTable) {
        let none = Transform(tile: 1, kernel: 1)
        var pairs: [(vertical: Transform, horizontal: Transform)] = []
        for transform in Transform.all {
            // Two directions of F(4, 7) would lose more digits than this test allows.
            if transform.tile + transform.kernel <= 9 { pairs.append((transform, transform)) }
            pairs += [(transform, none), (none, transform)]
        }
        for (seed, (vertical, horizontal)) in pairs.enumerated() {
            var random = SeededGenerator(seed: seed)
            let test = Case(vertical: vertical, horizontal: horizontal, using: &random)
            let tiles = random.range(in: test.tiles)
            test.run(table, tiles: tiles)
            test.fixture.check(
                roundoff: 0x1p-19, computed: { y, x, _ in tiles.contains(test.tile(y, x)) },
                sum: { y, x, channel in
                    // The error comes from all inputs of a tile, also where a window sees few of them.
                    let most = Double(vertical.kernel * horizontal.kernel * test.input.depth)
                    return ExactSum(value: test.exactSum(y, x, channel).value, magnitude: most, terms: 1)
                }, "seed \(seed): \(test.description), tiles \(tiles)")
        }
    }

    @Test("gives the same bits however tiles are split", arguments: KernelTable.all)
    func isIndependentOfSplits(table: KernelTable) {
        for (seed, transform) in Transform.all.enumerated() {
            var random = SeededGenerator(seed: seed + 1000)
            let test = Case(vertical: transform, horizontal: transform, largest: 40, using: &random)
            test.run(table, tiles: 0..<test.tiles)
            let whole = test.fixture.written
            test.fixture.reset()
            for tiles in random.split(test.tiles) { test.run(table, tiles: tiles) }
            #expect(test.fixture.written == whole, "seed \(seed): \(test.description)")
        }
    }

    /// The transforms of the networks with the error that each may have: root mean square over that of the result.
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
        let (size, inputs, outputs) = (24, 96, 16)
        for (vertical, horizontal, bound) in Self.errorBounds {
            var random = SeededGenerator(seed: 7)
            let (height, width) = (size + vertical.kernel - 1, size + horizontal.kernel - 1)
            // After a ReLU: half of the activations are zero.
            let input = (0..<height * width * inputs).map { _ in max(0, random.float()) }
            let weights = (0..<vertical.kernel * horizontal.kernel * inputs * outputs).map { _ in random.float() }
            var output = [Float](repeating: 0, count: size * size * outputs)
            var convolution = vk_winograd()
            (convolution.input_row, convolution.input_pixel) = (width * inputs, inputs)
            (convolution.input_height, convolution.input_width) = (Int32(height), Int32(width))
            (convolution.output_row, convolution.output_pixel) = (size * outputs, outputs)
            (convolution.height, convolution.width) = (Int32(size), Int32(size))
            (convolution.kernel_height, convolution.kernel_width) = (Int32(vertical.kernel), Int32(horizontal.kernel))
            (convolution.tile_height, convolution.tile_width) = (Int32(vertical.tile), Int32(horizontal.tile))
            (convolution.inputs, convolution.outputs) = (Int32(inputs), Int32(outputs))
            var packed = [Float](
                repeating: 0,
                count: vk_winograd_packed_length(
                    convolution.kernel_height, convolution.kernel_width, convolution.tile_height,
                    convolution.tile_width, Int32(inputs), Int32(outputs)))
            vk_winograd_pack(
                weights, convolution.kernel_height, convolution.kernel_width, convolution.tile_height,
                convolution.tile_width, Int32(inputs), Int32(outputs), &packed)
            let scratch = UnsafeMutableRawPointer.allocate(
                byteCount: vk_winograd_scratch_length(&convolution), alignment: 64)
            defer { scratch.deallocate() }
            input.withUnsafeBufferPointer { input in
                packed.withUnsafeBufferPointer { packed in
                    output.withUnsafeMutableBufferPointer { output in
                        convolution.input = UnsafeRawPointer(input.baseAddress)
                        convolution.weights = packed.baseAddress
                        convolution.output = UnsafeMutableRawPointer(output.baseAddress)
                        vk_winograd_convolve(table.kernels, &convolution, 0, vk_winograd_tiles(&convolution), scratch)
                    }
                }
            }
            var (errors, squares) = (0.0, 0.0)
            for place in stride(from: 0, to: output.count, by: 7) {
                let (pixel, channel) = place.quotientAndRemainder(dividingBy: outputs)
                var exact = 0.0
                for tap in 0..<vertical.kernel * horizontal.kernel {
                    let (row, column) = (pixel / size + tap / horizontal.kernel, pixel % size + tap % horizontal.kernel)
                    for index in 0..<inputs {
                        exact += Double(input[(row * width + column) * inputs + index])
                            * Double(weights[(tap * inputs + index) * outputs + channel])
                    }
                }
                errors += (Double(output[place]) - exact) * (Double(output[place]) - exact)
                squares += exact * exact
            }
            let error = (errors / squares).squareRoot()
            #expect(error <= bound, "F(\(vertical.tile)x\(horizontal.tile), \(vertical.kernel)x\(horizontal.kernel))")
            #expect(error > 0, "a result without any rounding error was not computed this way")
        }
    }

    @Test("knows the transforms of the networks and no others")
    func listsTransforms() {
        for (tile, kernel) in [(1, 1), (2, 3), (4, 3), (5, 3), (6, 3), (4, 5), (2, 7), (4, 7), (3, 2), (4, 2)] {
            #expect(vk_winograd_supports(Int32(tile), Int32(kernel)) == 1)
        }
        for (tile, kernel) in [(0, 3), (7, 3), (5, 5), (3, 0), (4, 1), (-1, 3), (4, 9)] {
            #expect(vk_winograd_supports(Int32(tile), Int32(kernel)) == 0)
        }
    }
}
