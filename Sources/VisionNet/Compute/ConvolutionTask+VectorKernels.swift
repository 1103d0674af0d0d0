import CVectorKernels

extension ConvolutionTask {
    /// The distance of each tap's input from the first tap's, in elements.
    var tapOffsets: [Int] {
        (0..<correlation.vertical.taps).flatMap { row in
            (0..<correlation.horizontal.taps).map { row * input.rowStride + $0 * input.pixelStride }
        }
    }

    /// The pass of a depthwise convolution on a zero-bordered input.
    func depthwiseStep(weights: AlignedBuffer, kernels: OpaquePointer, threads: Int) -> Program.Step {
        let offsets = tapOffsets
        let first = input.pixel(-correlation.vertical.before, -correlation.horizontal.before)
        return Program.Step(name: name, units: correlation.vertical.outputs, threads: threads) { rows, _ in
            offsets.withUnsafeBufferPointer { offsets in
                var task = vk_depthwise(
                    input: first,
                    input_row: input.rowStride * correlation.vertical.inputStep,
                    input_pixel: input.pixelStride * correlation.horizontal.inputStep,
                    output: outputOrigin, output_row: outputRowStride, output_pixel: outputPixelStride,
                    height: Int32(correlation.vertical.outputs), width: Int32(correlation.horizontal.outputs),
                    taps: Int32(matrix.taps), tap_offsets: offsets.baseAddress, channels: Int32(matrix.outputs),
                    weights: weights.floats, reads_floats: input.format == .float32 ? 1 : 0,
                    writes_floats: output.format == .float32 ? 1 : 0, epilogue: outputEpilogue)
                vk_convolve_depthwise(kernels, &task, Int32(rows.lowerBound), Int32(rows.upperBound))
            }
        }
    }

    /// The pass as an implicit matrix product on a zero-bordered input.
    func directStep(weights: AlignedBuffer, kernels: OpaquePointer, threads: Int) -> Program.Step {
        let offsets = tapOffsets
        let rows = correlation.vertical.outputs
        let first = input.pixel(-correlation.vertical.before, -correlation.horizontal.before)
        let panels = (matrix.outputs + Int(VK_PANEL) - 1) / Int(VK_PANEL)
        return Program.Step(name: name, units: rows, threads: threads, partsPerThread: partsPerThread(weights)) {
            rows, _ in
            offsets.withUnsafeBufferPointer { offsets in
                var task = vk_convolution(
                    input: first,
                    input_row: input.rowStride * correlation.vertical.inputStep,
                    input_pixel: input.pixelStride * correlation.horizontal.inputStep,
                    output: outputOrigin, output_row: outputRowStride, output_pixel: outputPixelStride,
                    height: Int32(correlation.vertical.outputs), width: Int32(correlation.horizontal.outputs),
                    taps: Int32(matrix.taps), tap_offsets: offsets.baseAddress,
                    inputs: Int32(matrix.inputs), outputs: Int32(matrix.outputs),
                    weights: weights.floats, reads_floats: input.format == .float32 ? 1 : 0,
                    writes_floats: output.format == .float32 ? 1 : 0, epilogue: outputEpilogue)
                vk_convolve(kernels, &task, Int32(rows.lowerBound), Int32(rows.upperBound), 0, Int32(panels))
            }
        }
    }

    /// The pass with Winograd's algorithm, which adds the zeros around the input itself.
    func winogradStep(
        tileHeight: Int, tileWidth: Int, products: ElementFormat, weights: AlignedBuffer, kernels: OpaquePointer,
        threads: Int
    ) -> Program.Step {
        let task = vk_winograd(
            input: input.origin, input_row: input.rowStride, input_pixel: input.pixelStride,
            input_height: Int32(input.height), input_width: Int32(input.width),
            pad_top: Int32(correlation.vertical.before), pad_left: Int32(correlation.horizontal.before),
            output: outputOrigin, output_row: outputRowStride, output_pixel: outputPixelStride,
            height: Int32(correlation.vertical.outputs), width: Int32(correlation.horizontal.outputs),
            kernel_height: Int32(correlation.vertical.taps),
            kernel_width: Int32(correlation.horizontal.taps), tile_height: Int32(tileHeight),
            tile_width: Int32(tileWidth), inputs: Int32(matrix.inputs), outputs: Int32(matrix.outputs),
            weights: weights.floats, multiplies_pairs: products == .bfloat16 ? 1 : 0, epilogue: outputEpilogue)
        let tiles = withUnsafePointer(to: task) { Int(vk_winograd_tiles($0)) }
        let scratchBytes = withUnsafePointer(to: task) { Int(vk_winograd_scratch_length($0)) }
        return Program.Step(name: name, units: tiles, threads: threads, partsPerThread: partsPerThread(weights)) {
            tiles, scratch in
            withExtendedLifetime((weights, activation)) {
                withUnsafePointer(to: task) {
                    vk_winograd_convolve(
                        kernels, $0, Int32(tiles.lowerBound), Int32(tiles.upperBound),
                        scratch.room(bytes: scratchBytes).bytes.baseAddress)
                }
            }
        }
    }

    /// Each part reads all weights. If they are larger than the input, a second part for each thread would cost more
    /// time than it saves by balancing the load.
    private func partsPerThread(_ weights: AlignedBuffer) -> Int {
        let inputBytes = correlation.pixels * input.channels * input.format.bytes
        return weights.bytes.count > inputBytes ? 1 : 2
    }
}
