import CVectorKernels

extension ConvolutionTask {
    /// The pass as an implicit matrix product on a zero-bordered input.
    func directStep(weights: AlignedBuffer, kernels: OpaquePointer, threads: Int) -> Program.Step {
        let offsets = correlation.vertical.taps.indices.flatMap { row in
            correlation.horizontal.taps.indices.map { row * input.rowStride + $0 * input.pixelStride }
        }
        let rows = correlation.vertical.outputs
        let first = -(correlation.vertical.before * input.rowStride + correlation.horizontal.before * input.pixelStride)
        let panels = (matrix.outputs + Int(VK_PANEL) - 1) / Int(VK_PANEL)
        let grain = max(1, (rows + 2 * threads - 1) / (2 * threads))
        return Program.Step(name: name, units: rows, grain: grain) { rows, _ in
            offsets.withUnsafeBufferPointer { offsets in
                var task = vk_convolution(
                    input: input.origin + first,
                    input_row: input.rowStride * correlation.vertical.inputStep,
                    input_pixel: input.pixelStride * correlation.horizontal.inputStep,
                    output: placedOutput, output_row: placedOutputRow, output_pixel: placedOutputPixel,
                    height: Int32(correlation.vertical.outputs), width: Int32(correlation.horizontal.outputs),
                    taps: Int32(matrix.taps), tap_offsets: offsets.baseAddress,
                    inputs: Int32(matrix.inputs), outputs: Int32(matrix.outputs),
                    weights: weights.floats, epilogue: placedEpilogue)
                vk_convolve(kernels, &task, Int32(rows.lowerBound), Int32(rows.upperBound), 0, Int32(panels))
            }
        }
    }
}
