import COpenBLAS
import CVectorKernels

extension ConvolutionTask {
    /// The most bytes of gathered inputs for one matrix product; they should fit in the cache.
    private static let gatheredBytes = 1 << 20

    /// The pass as matrix products of gathered inputs and the kernel, some output rows at a time.
    func matrixProductStep(
        weights: AlignedBuffer, kernels: OpaquePointer, threads: Int
    ) -> Program.Step {
        let (rows, width) = (correlation.vertical.outputs, correlation.horizontal.outputs)
        let depth = matrix.taps * matrix.inputs
        let rowBytes = max(1, width * (depth + matrix.outputs) * MemoryLayout<Float>.stride)
        let most = max(1, Self.gatheredBytes / rowBytes)
        let epilogue = outputEpilogue
        return Program.Step(name: name, units: rows, threads: threads, most: most) { rows, scratch in
            let sums = scratch.room(bytes: rows.count * rowBytes).floats
            let gathered = sums + rows.count * width * matrix.outputs
            multiply(rows: rows, weights: weights.floats, gathered: gathered, sums: sums)
            for (index, row) in rows.enumerated() {
                var rowEpilogue = epilogue
                rowEpilogue.signs_in = epilogue.signs_in.map { $0 + row * epilogue.sign_row }
                rowEpilogue.signs_out = epilogue.signs_out.map { $0 + row * epilogue.sign_row }
                vk_apply_epilogue(
                    kernels, sums + index * width * matrix.outputs, matrix.outputs,
                    outputOrigin + row * outputRowStride * output.format.bytes, outputPixelStride, Int32(width),
                    Int32(matrix.outputs),
                    &rowEpilogue)
            }
        }
    }

    private func multiply(
        rows: Range<Int>, weights: UnsafePointer<Float>, gathered: UnsafeMutablePointer<Float>,
        sums: UnsafeMutablePointer<Float>
    ) {
        let width = correlation.horizontal.outputs
        let depth = matrix.taps * matrix.inputs
        guard depth > 0 else {
            // No tap reaches this phase of the backward pass.
            sums.update(repeating: 0, count: rows.count * width * matrix.outputs)
            return
        }
        var inputs = UnsafePointer(gathered)
        var inputStride = depth
        if isPointwise && input.rowStride == input.width * input.pixelStride {
            inputs = UnsafePointer(floats(of: input, row: rows.lowerBound))
            inputStride = input.pixelStride
        } else {
            for (index, row) in rows.enumerated() {
                gather(row: row, into: gathered + index * width * depth)
            }
        }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows.count * width), blasint(matrix.outputs),
            blasint(depth), 1, inputs, blasint(inputStride), weights, blasint(matrix.outputs), 0, sums,
            blasint(matrix.outputs))
    }

    /// The matrix product only takes floats.
    private func floats(of view: TensorView, row: Int) -> UnsafeMutablePointer<Float> {
        view.pixel(row, 0).assumingMemoryBound(to: Float.self)
    }

    /// Whether each output pixel depends only on the input pixel at the same place, so that the input is already the
    /// matrix.
    private var isPointwise: Bool {
        matrix.taps == 1 && correlation.vertical.before == 0 && correlation.horizontal.before == 0
            && correlation.vertical.inputStep == 1 && correlation.horizontal.inputStep == 1
            && correlation.vertical.outputs == input.height && correlation.horizontal.outputs == input.width
    }

    /// Copies the inputs of each output in a row, `[tap][input]`, with zeros outside the picture (im2col).
    private func gather(row: Int, into destination: UnsafeMutablePointer<Float>) {
        let (vertical, horizontal) = (correlation.vertical, correlation.horizontal)
        let channels = input.channels
        let taps = horizontal.taps
        var destination = destination
        for column in 0..<horizontal.outputs {
            let first = column * horizontal.inputStep - horizontal.before
            for tap in 0..<vertical.taps {
                let source = row * vertical.inputStep + tap - vertical.before
                defer { destination += taps * channels }
                guard source >= 0, source < input.height else {
                    destination.update(repeating: 0, count: taps * channels)
                    continue
                }
                let sourceRow = floats(of: input, row: source)
                if first >= 0, first + taps <= input.width, input.pixelStride == channels {
                    destination.update(from: sourceRow + first * channels, count: taps * channels)
                    continue
                }
                for offset in 0..<taps {
                    let pixel = first + offset
                    if pixel >= 0, pixel < input.width {
                        (destination + offset * channels).update(
                            from: sourceRow + pixel * input.pixelStride, count: channels)
                    } else {
                        (destination + offset * channels).update(repeating: 0, count: channels)
                    }
                }
            }
        }
    }
}
