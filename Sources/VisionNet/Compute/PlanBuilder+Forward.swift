import CVectorKernels

/// The steps from the picture to the objective.
extension PlanBuilder {
    func forwardEpilogue(_ output: Graph.Slice, activation: WeightStore.Activation?) -> vk_epilogue {
        var epilogue = vk_epilogue()
        epilogue.bias = activation.map { UnsafePointer($0.bias.floats) }
        epilogue.floor = activation.map { UnsafePointer($0.floor.floats) }
        epilogue.ceiling = activation?.ceiling.map { UnsafePointer($0.floats) }
        if let signs = signs(output) {
            epilogue.signs_out = signs.base
            (epilogue.sign_row, epilogue.sign_pixel) = (signs.row, signs.pixel)
        }
        return epilogue
    }

    /// Adds the passes of a group of convolutions; the last one also applies bias and ReLU and writes the signs.
    private func appendForward(_ group: ConvolutionGroup, of node: Graph.Node) throws {
        for (task, pass) in zip(
            try forwardTasks(group, of: node),
            forwardPasses(group, reading: node.input.tensor, writing: node.output.tensor))
        {
            let step = lacksBorder(pass, reading: node.input.tensor) ? try chainStep([[task]]) : try step(task)
            append(step, writing: .activation(node.output.tensor), activations[node.output.tensor])
        }
    }

    func forwardTasks(_ group: ConvolutionGroup, of node: Graph.Node) throws -> [ConvolutionTask] {
        let (input, output) = (node.input, node.output)
        let activation = try model.weights.activation(of: group)
        let passes = forwardPasses(group, reading: input.tensor, writing: output.tensor)
        return passes.enumerated().map { number, pass in
            var epilogue =
                number == passes.count - 1 ? forwardEpilogue(output, activation: activation) : vk_epilogue()
            epilogue.accumulate = number == 0 && !node.isAdded ? 0 : 1
            return ConvolutionTask(
                name: group.name, algorithm: pass.algorithm, correlation: pass.correlation,
                matrix: KernelMatrix(group, pass.correlation, isTransposed: false),
                input: self.activation(input).phase(pass.correlation), output: self.activation(output),
                epilogue: epilogue, activation: activation)
        }
    }

    func appendForward(_ node: Graph.Node, at index: Int) throws {
        let step: Program.Step
        let (input, output) = (activation(node.input), activation(node.output))
        let kernels = kernels.table(for: input.format, output.format)
        switch node.kind {
        case .convolution(let group):
            return try appendForward(group, of: node)
        case .maxPool(let window, let stride, let padding):
            var pool = maxPool(index, node, window, stride, padding, input: input, output: output)
            pool.epilogue = forwardEpilogue(node.output, activation: nil)
            let task = pool
            step = Program.Step(name: "max pool", units: Int(pool.height), threads: options.threads) { rows, _ in
                withUnsafePointer(to: task) {
                    vk_max_pool_forward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
        case .averagePool(let window, let countsPadding, let convolution):
            let behind = try convolution.map {
                try model.weights.activation(of: ConvolutionGroup([.init(convolution: $0, isActivated: true)]))
            }
            let task = averagePool(
                window, countsPadding: countsPadding, input: input, output: output,
                epilogue: forwardEpilogue(node.output, activation: behind))
            step = Program.Step(name: "average pool", units: Int(task.height), threads: options.threads) { rows, _ in
                withExtendedLifetime(behind) {
                    withUnsafePointer(to: task) {
                        vk_average_pool_forward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                    }
                }
            }
        case .identity:
            step = identity(
                "sum", from: input, to: output, epilogue: forwardEpilogue(node.output, activation: nil), kernels)
        }
        append(step, writing: .activation(node.output.tensor), activations[node.output.tensor])
    }

    func maxPool(
        _ index: Int, _ node: Graph.Node, _ window: Int, _ stride: Int, _ padding: Padding, input: TensorView,
        output: TensorView
    ) -> vk_max_pool {
        let positions = base(.positions(node: index))
        if let positions {
            decisions.positions[node.output] = .init(
                base: positions, bytesPerPixel: (output.channels + 1) / 2, width: output.width)
        }
        return vk_max_pool(
            input: input.origin, input_row: input.rowStride, input_pixel: input.pixelStride,
            input_height: Int32(input.height), input_width: Int32(input.width), output: output.origin,
            output_row: output.rowStride, output_pixel: output.pixelStride, height: Int32(output.height),
            width: Int32(output.width), channels: Int32(output.channels), window: Int32(window),
            stride: Int32(stride),
            rows_before: Int32(padding.before(input.height, window: window, stride: stride)),
            columns_before: Int32(padding.before(input.width, window: window, stride: stride)), positions: positions,
            reads_floats: input.format == .float32 ? 1 : 0,
            epilogue: vk_epilogue())
    }

    func averagePool(
        _ window: Int, countsPadding: Bool = false, input: TensorView, output: TensorView, epilogue: vk_epilogue
    ) -> vk_average_pool {
        vk_average_pool(
            input: input.origin, input_row: input.rowStride, input_pixel: input.pixelStride, output: output.origin,
            output_row: output.rowStride, output_pixel: output.pixelStride, height: Int32(output.height),
            width: Int32(output.width), channels: Int32(output.channels), window: Int32(window),
            counts_padding: countsPadding ? 1 : 0, epilogue: epilogue)
    }

    /// Copies a tensor to another or adds it, as an average pool with a window of one pixel.
    func identity(
        _ name: String, from input: TensorView, to output: TensorView, epilogue: vk_epilogue, _ kernels: OpaquePointer
    ) -> Program.Step {
        let task = averagePool(1, input: input, output: output, epilogue: epilogue)
        return Program.Step(name: name, units: output.height, threads: options.threads) { rows, _ in
            withUnsafePointer(to: task) {
                vk_average_pool_forward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
            }
        }
    }

    func appendObjective() {
        for tensor in objective.tensors {
            appendSums(of: tensor, into: objective.sums(tensor), vk_channel_sums)
            appendSums(of: tensor, into: objective.squareSums(tensor), vk_channel_squares)
            appendPixels(of: tensor)
        }
        steps.append(
            Program.Step(name: "objective'", units: 1, threads: 1) { [objective] _, _ in objective.evaluate() })
        for tensor in objective.tensors where contributors(to: tensor).isEmpty || objective.hasOwnSeed(tensor) {
            appendSeed(tensor)
        }
    }

    private func appendSums(
        of tensor: TensorID, into sums: UnsafeMutableBufferPointer<Double>?,
        _ sum:
            @escaping (
                OpaquePointer?, UnsafeRawPointer?, Int, Int32, Int32, UnsafeMutablePointer<Double>?
            ) -> Void
    ) {
        guard let sums = sums?.baseAddress else { return }
        let view = activation(graph.whole(tensor))
        steps.append(
            Program.Step(name: "objective", units: view.height, threads: options.threads) {
                [kernels = kernels.table(for: view.format)] rows, _ in
                for row in rows {
                    sum(
                        kernels, view.pixel(row, 0), view.pixelStride, Int32(view.width), Int32(view.channels),
                        sums + row * view.channels)
                }
            })
    }

    /// Adds a step for the part of a layer's objective that differs from pixel to pixel.
    private func appendPixels(of tensor: TensorID) {
        guard let pixels = objective.pixels(tensor) else { return }
        let view = activation(graph.whole(tensor))
        steps.append(
            Program.Step(name: "objective", units: view.height, threads: options.threads) { rows, scratch in
                let room = scratch.room(bytes: pixels.scratchCount * MemoryLayout<Float>.stride)
                for row in rows { pixels.evaluate(row, of: view, scratch: room.floats) }
            })
    }

    /// Adds a step for the objective's own part of a layer's gradient, `seed + activation · squareSeed` and what
    /// differs from pixel to pixel, where the activation function lets it through. If neither squares nor single
    /// pixels count, the epilogue of the first contributor does this instead, if there is one.
    private func appendSeed(_ tensor: TensorID) {
        let (view, source) = (gradient(graph.whole(tensor)), activation(graph.whole(tensor)))
        let factors = objective.squareSeed(tensor) ?? AlignedBuffer([Float](repeating: 0, count: view.channels))
        var epilogue = vk_epilogue()
        epilogue.bias = objective.seed(tensor).map { UnsafePointer($0.floats) }
        if contributors(to: tensor).isEmpty, let signs = signs(graph.whole(tensor)) {
            epilogue.signs_in = UnsafePointer(signs.base)
            (epilogue.sign_row, epilogue.sign_pixel) = (signs.row, signs.pixel)
        }
        if let pixels = objective.pixels(tensor) {
            let copy = Program.Step(name: "objective'", units: view.height, threads: options.threads) { rows, _ in
                for row in rows { pixels.copy(row, to: view) }
            }
            append(copy, writing: .gradient(tensor), gradients[tensor])
            epilogue.accumulate = 1
        }
        let kernels = kernels.table(for: source.format, view.format)
        let step = Program.Step(name: "objective'", units: view.height, threads: options.threads) { rows, _ in
            let tap = 0
            withUnsafePointer(to: tap) { tap in
                var task = vk_depthwise(
                    input: source.origin, input_row: source.rowStride, input_pixel: source.pixelStride,
                    output: view.origin, output_row: view.rowStride, output_pixel: view.pixelStride,
                    height: Int32(view.height), width: Int32(view.width), taps: 1, tap_offsets: tap,
                    channels: Int32(view.channels), weights: factors.floats,
                    reads_floats: source.format == .float32 ? 1 : 0, writes_floats: view.format == .float32 ? 1 : 0,
                    epilogue: epilogue)
                vk_convolve_depthwise(kernels, &task, Int32(rows.lowerBound), Int32(rows.upperBound))
            }
        }
        append(step, writing: .gradient(tensor), gradients[tensor])
    }
}
