import CVectorKernels

extension ComputeOptions {
    /// The highest speed of the vector kernels, to compare a step's speed with: all threads multiply factors that stay
    /// in their own caches.
    ///
    /// - Parameter format: the format of the factors.
    /// - Returns: 10⁹ multiplications and additions per second, the best of several trials; nil if the instruction set
    ///   cannot multiply this format.
    func peakGigaflops(of format: ElementFormat) -> Double? {
        guard let full = vk_select(instructionSet), let kernels = format == .float32 ? full : vk_reduced(full) else {
            return nil
        }
        // A block of pixels and two panels for any kernel table, and a sum long enough to hide the cost of its start
        // and end.
        let (pixels, inputs, outputs, rounds, trials) = (24, 256, 2 * Int(VK_PANEL), 200, 10)
        let weights = AlignedBuffer([Float](repeating: 0, count: inputs * outputs))
        let inputBytes = pixels * inputs * MemoryLayout<Float>.stride
        let step = Program.Step(name: "peak", units: threads * rounds, threads: threads) { rounds, scratch in
            let memory = scratch.room(bytes: inputBytes + pixels * outputs * MemoryLayout<Float>.stride).bytes
            memory.initializeMemory(as: UInt8.self, repeating: 0)
            var offset = 0
            var product = vk_convolution()
            (product.input, product.input_pixel) = (UnsafeRawPointer(memory.baseAddress), inputs)
            (product.output, product.output_pixel) = (memory.baseAddress.map { $0 + inputBytes }, outputs)
            (product.height, product.width, product.taps) = (1, Int32(pixels), 1)
            (product.inputs, product.outputs) = (Int32(inputs), Int32(outputs))
            product.weights = UnsafePointer(weights.floats)
            withUnsafePointer(to: &offset) {
                product.tap_offsets = $0
                for _ in rounds { vk_convolve(kernels, &product, 0, 1, 0, Int32(outputs) / VK_PANEL) }
            }
        }
        let (program, scratch, clock) = (Program([step]), ScratchMemory(), ContinuousClock())
        let times = (0..<trials).map { _ in clock.measure { team.run(program, scratch: scratch) } }
        let operations = Double(2 * pixels * inputs * outputs * threads * rounds)
        return times.min().map { operations / ($0 / .seconds(1)) / 1e9 }
    }
}
