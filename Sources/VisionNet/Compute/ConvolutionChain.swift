import CVectorKernels

/// Convolutions one after another, of which only the last writes a tensor to memory: the others' results are needed by
/// the next one alone. They are computed some rows ahead, into scratch memory that stays in the cache.
///
/// Each part of the work computes a band of the last convolution's rows. The rows that two bands need are computed by
/// both, which changes no number; their signs are written by one.
struct ConvolutionChain {
    /// One convolution: the passes that write its rows.
    struct Stage {
        /// Not empty.
        let passes: [ConvolutionTask]
        let weights: [AlignedBuffer]
        let kernels: OpaquePointer
    }

    /// The last rows of a tensor, with zeros left and right: row `r` is in slot `r` modulo `slots`.
    private struct Ring {
        let slots: Int
        /// Rows and columns of the tensor.
        let height: Int
        let width: Int
        let channels: Int
        let format: ElementFormat
        /// Columns of zeros on each side.
        let border: Int
        /// From the beginning of the scratch memory, in bytes.
        let offset: Int

        var rowElements: Int { (width + 2 * border) * channels }
        var rowBytes: Int { rowElements * format.bytes }
        var bytes: Int { slots * rowBytes }

        func slot(_ row: Int) -> Int { (row + slots) % slots }
    }

    /// A stage and where its rows come from and go to.
    private struct Link {
        /// Nil if rows are only copied, to get a border of zeros.
        let stage: Stage?
        /// The rows of its result.
        let height: Int
        /// The first and last input row of each result row; those outside the tensor are zeros.
        let first: [Int]
        let last: [Int]
        /// For each pass, where the taps' inputs are if the first is in slot 0, then slot 1 …
        let offsets: [[Int]]
        /// Where its input is; nil for a tensor in memory.
        let source: Ring?
        /// Where its result goes; nil for a tensor in memory.
        let destination: Ring?
    }

    private let links: [Link]
    /// The tensor in memory that the first link reads.
    private let input: TensorView
    private let ringBytes: Int
    /// What the stages point to.
    private let activations: [WeightStore.Activation]

    /// - Parameters:
    ///   - stages: at least one. All but the first read exactly what the stage before writes.
    ///   - copiesInput: whether the input has no border of zeros, so that its rows are copied.
    init(_ stages: [Stage], copiesInput: Bool = false) {
        var links: [Link] = []
        var offset = 0
        func ring(of tensor: TensorView, for stage: Stage) -> Ring {
            let ring = Ring(
                slots: stage.mostInputRows, height: tensor.height, width: tensor.width, channels: tensor.channels,
                format: tensor.format, border: stage.border(ofWidth: tensor.width), offset: offset)
            offset += (ring.bytes + AlignedBuffer.alignment - 1) / AlignedBuffer.alignment * AlignedBuffer.alignment
            return ring
        }
        input = stages[0].passes[0].input
        var source: Ring?
        if copiesInput {
            let copy = ring(of: input, for: stages[0])
            let rows = Array(0..<input.height)
            links.append(
                Link(
                    stage: nil, height: input.height, first: rows, last: rows, offsets: [], source: nil,
                    destination: copy))
            source = copy
        }
        for (index, stage) in stages.enumerated() {
            let (first, last) = stage.inputRows
            let output = stage.passes[0].output
            let destination = index + 1 < stages.count ? ring(of: output, for: stages[index + 1]) : nil
            let offsets = stage.passes.map { pass in
                source.map { Self.offsets(of: pass, in: $0) } ?? pass.tapOffsets
            }
            links.append(
                Link(
                    stage: stage, height: output.height, first: first, last: last, offsets: offsets,
                    source: source, destination: destination))
            source = destination
        }
        self.links = links
        ringBytes = offset
        activations = stages.flatMap { $0.passes.compactMap(\.activation) }
    }

    private static func offsets(of pass: ConvolutionTask, in ring: Ring) -> [Int] {
        (0..<ring.slots).flatMap { slot in
            (0..<pass.correlation.vertical.taps).flatMap { row in
                (0..<pass.correlation.horizontal.taps).map { column in
                    ring.slot(slot + row) * ring.rowElements + column * ring.channels
                }
            }
        }
    }

    func step(threads: Int) -> Program.Step {
        let last = links.count - 1
        let rows = links[last].height
        return Program.Step(name: "", units: rows, threads: threads, partsPerThread: 1) { rows, scratch in
            let rings = scratch.room(bytes: ringBytes + links.count * MemoryLayout<Int>.stride)
            run(rows, in: rings)
        }
    }

    /// Computes some rows of the last stage.
    private func run(_ rows: Range<Int>, in memory: AlignedBuffer) {
        guard let base = memory.bytes.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: Band.self, capacity: links.count) { bands in
            // From the last stage to the first: which rows the band needs, and which of them it alone writes signs of.
            var (next, own) = (rows.lowerBound, rows)
            for index in links.indices.reversed() {
                bands.initializeElement(at: index, to: Band(next: next, own: own))
                guard index > 0, let source = links[index].source else { continue }
                let (link, height) = (links[index], links[index].height)
                let begin = own.lowerBound == 0 ? 0 : max(0, link.first[own.lowerBound])
                let end = own.upperBound == height ? source.height : max(0, link.first[own.upperBound])
                own = begin..<end
                next = link.first[max(0, next)]
                clearBorders(of: source, base)
            }
            produce(through: rows.upperBound - 1, of: links.count - 1, bands, base)
        }
    }

    /// How far a part has come with a stage.
    private struct Band {
        /// The row to compute next.
        var next: Int
        /// The rows whose signs this part writes.
        let own: Range<Int>
    }

    private func produce(
        through row: Int, of index: Int, _ bands: UnsafeMutableBufferPointer<Band>, _ base: UnsafeMutableRawPointer
    ) {
        while bands[index].next <= row {
            let next = bands[index].next
            bands[index].next += 1
            if next >= 0, next < links[index].height {
                if index > 0 { produce(through: links[index].last[next], of: index - 1, bands, base) }
                compute(row: next, of: links[index], writesSigns: bands[index].own.contains(next), base)
            } else if let ring = links[index].destination {
                (base + ring.offset + ring.slot(next) * ring.rowBytes).initializeMemory(
                    as: UInt8.self, repeating: 0, count: ring.rowBytes)
            }
        }
    }

    private func clearBorders(of ring: Ring, _ base: UnsafeMutableRawPointer) {
        let border = ring.border * ring.channels * ring.format.bytes
        guard border > 0 else { return }
        for slot in 0..<ring.slots {
            let row = base + ring.offset + slot * ring.rowBytes
            row.initializeMemory(as: UInt8.self, repeating: 0, count: border)
            (row + ring.rowBytes - border).initializeMemory(as: UInt8.self, repeating: 0, count: border)
        }
    }

    private func compute(row: Int, of link: Link, writesSigns: Bool, _ base: UnsafeMutableRawPointer) {
        guard let stage = link.stage else {
            if let ring = link.destination {
                let bytes = ring.width * ring.channels * ring.format.bytes
                (base + ring.offset + ring.slot(row) * ring.rowBytes + ring.border * ring.channels * ring.format.bytes)
                    .copyMemory(from: input.pixel(row, 0), byteCount: bytes)
            }
            return
        }
        for (number, pass) in stage.passes.enumerated() {
            let (vertical, horizontal) = (pass.correlation.vertical, pass.correlation.horizontal)
            let index = (row - vertical.outputStart) / vertical.outputStep
            guard index >= 0, index < vertical.outputs, index * vertical.outputStep + vertical.outputStart == row
            else { continue }
            let firstRow = index * vertical.inputStep - vertical.before
            let input: UnsafeMutableRawPointer
            var tapTable = 0
            if let ring = link.source {
                input = base + ring.offset + (ring.border - horizontal.before) * ring.channels * ring.format.bytes
                tapTable = ring.slot(firstRow) * pass.matrix.taps
            } else {
                input = pass.input.pixel(firstRow, -horizontal.before)
            }
            let output: UnsafeMutableRawPointer
            if let ring = link.destination {
                output =
                    base + ring.offset + ring.slot(row) * ring.rowBytes
                    + (ring.border + horizontal.outputStart) * ring.channels * ring.format.bytes
            } else {
                output = pass.output.pixel(row, horizontal.outputStart)
            }
            var epilogue = pass.outputEpilogue
            epilogue.signs_in = epilogue.signs_in.map { $0 + index * epilogue.sign_row }
            epilogue.signs_out = writesSigns ? epilogue.signs_out.map { $0 + index * epilogue.sign_row } : nil
            link.offsets[number].withUnsafeBufferPointer { offsets in
                pass.computeRow(
                    from: input, tapOffsets: offsets.baseAddress.map { $0 + tapTable }, to: output, epilogue,
                    weights: stage.weights[number], kernels: stage.kernels)
            }
        }
    }
}

extension ConvolutionChain.Stage {
    /// The first and last input row that each row of the result depends on, both growing.
    fileprivate var inputRows: (first: [Int], last: [Int]) {
        let height = passes[0].output.height
        var first = [Int](repeating: .max, count: height)
        var last = [Int](repeating: .min, count: height)
        for pass in passes {
            let axis = pass.correlation.vertical
            for index in 0..<axis.outputs {
                let row = axis.outputStart + index * axis.outputStep
                let input = index * axis.inputStep - axis.before
                first[row] = min(first[row], input)
                last[row] = max(last[row], input + axis.taps - 1)
            }
        }
        return (first, last)
    }

    /// The columns of zeros that an input of this width needs on each side.
    fileprivate func border(ofWidth width: Int) -> Int {
        passes.map { $0.correlation.horizontal.border(ofInput: width) }.max() ?? 0
    }

    /// The most input rows that a row of the result depends on.
    fileprivate var mostInputRows: Int {
        let (first, last) = inputRows
        return zip(first, last).map { $1 - $0 + 1 }.max() ?? 1
    }
}

extension ConvolutionTask {
    /// Computes one row of a pass.
    ///
    /// - Parameters:
    ///   - input: the first tap's input of the row's first output, to which `tapOffsets` are relative.
    ///   - output: the row's first output.
    ///   - epilogue: with its signs moved to the row.
    fileprivate func computeRow(
        from input: UnsafeMutableRawPointer, tapOffsets: UnsafePointer<Int>?, to output: UnsafeMutableRawPointer,
        _ epilogue: vk_epilogue, weights: AlignedBuffer, kernels: OpaquePointer
    ) {
        let width = Int32(correlation.horizontal.outputs)
        let inputPixel = self.input.pixelStride * correlation.horizontal.inputStep
        let (readsFloats, writesFloats) = (self.input.format == .float32, self.output.format == .float32)
        if case .depthwise = algorithm {
            var task = vk_depthwise(
                input: input, input_row: 0, input_pixel: inputPixel, output: output, output_row: 0,
                output_pixel: outputPixelStride, height: 1, width: width, taps: Int32(matrix.taps),
                tap_offsets: tapOffsets, channels: Int32(matrix.outputs), weights: weights.floats,
                reads_floats: readsFloats ? 1 : 0, writes_floats: writesFloats ? 1 : 0, epilogue: epilogue)
            vk_convolve_depthwise(kernels, &task, 0, 1)
        } else {
            var task = vk_convolution(
                input: input, input_row: 0, input_pixel: inputPixel, output: output, output_row: 0,
                output_pixel: outputPixelStride, height: 1, width: width, taps: Int32(matrix.taps),
                tap_offsets: tapOffsets, inputs: Int32(matrix.inputs), outputs: Int32(matrix.outputs),
                weights: weights.floats, reads_floats: readsFloats ? 1 : 0, writes_floats: writesFloats ? 1 : 0,
                epilogue: epilogue)
            vk_convolve(kernels, &task, 0, 1, 0, Int32((matrix.outputs + Int(VK_PANEL) - 1) / Int(VK_PANEL)))
        }
    }
}
