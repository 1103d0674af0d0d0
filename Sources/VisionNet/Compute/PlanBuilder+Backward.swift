import CVectorKernels

/// The steps from the objective back to the picture.
extension PlanBuilder {
    func gradientEpilogue(_ slice: Graph.Slice, isFirst: Bool, isLast: Bool) -> vk_epilogue {
        var epilogue = vk_epilogue()
        // If the objective uses the tensor's squares or single pixels, `appendSeed` has already set the gradient.
        let isStart = isFirst && !objective.hasOwnSeed(slice.tensor)
        epilogue.accumulate = isStart ? 0 : 1
        if isStart, let seed = objective.seed(slice.tensor) {
            epilogue.bias = UnsafePointer(seed.floats + slice.channels.lowerBound)
        }
        if isLast, let signs = signs(slice) {
            epilogue.signs_in = UnsafePointer(signs.base)
            (epilogue.sign_row, epilogue.sign_pixel) = (signs.row, signs.pixel)
        }
        return epilogue
    }

    func gradientEpilogue(of node: Graph.Node, at index: Int) -> vk_epilogue {
        let contributors = contributors(to: node.input.tensor).filter { nodes[$0].input == node.input }
        return gradientEpilogue(
            node.input, isFirst: index == contributors.last, isLast: index == contributors.first)
    }

    func backwardTasks(
        _ group: ConvolutionGroup, of node: Graph.Node, _ epilogue: vk_epilogue
    ) -> [ConvolutionTask] {
        backwardPasses(group, reading: node.output.tensor, writing: node.input).map { pass in
            ConvolutionTask(
                name: group.name + "'", algorithm: pass.algorithm, correlation: pass.correlation,
                matrix: KernelMatrix(group, pass.correlation, isTransposed: true), input: gradient(node.output),
                output: gradient(node.input), epilogue: epilogue, activation: nil)
        }
    }

    /// Adds a node's contribution to its input's gradient. The first contribution sets the gradient (including the
    /// objective's own part if the input is one of its layers); the last one applies the input's ReLU.
    func appendBackward(_ node: Graph.Node, at index: Int) throws {
        let epilogue = gradientEpilogue(of: node, at: index)
        let (input, output) = (gradient(node.input), gradient(node.output))
        let kernels = kernels.table(for: input.format, output.format)
        let key = BlockKey.gradient(node.input.tensor)
        let layout = gradients[node.input.tensor]
        switch node.kind {
        case .convolution(let group):
            for task in backwardTasks(group, of: node, epilogue) {
                append(try step(task), writing: key, layout)
            }
        case .maxPool(let window, let stride, let padding):
            var pool = maxPool(index, node, window, stride, padding, input: input, output: output)
            pool.epilogue = epilogue
            let task = pool
            let step = Program.Step(name: "max pool'", units: input.height, threads: options.threads) { rows, _ in
                withUnsafePointer(to: task) {
                    vk_max_pool_backward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
            append(step, writing: key, layout)
        case .averagePool(let window, let countsPadding, _):
            let task = averagePool(
                window, countsPadding: countsPadding, input: output, output: input, epilogue: epilogue)
            let step = Program.Step(name: "average pool'", units: input.height, threads: options.threads) { rows, _ in
                withUnsafePointer(to: task) {
                    vk_average_pool_backward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
            append(step, writing: key, layout)
        case .identity:
            append(identity("sum'", from: output, to: input, epilogue: epilogue, kernels), writing: key, layout)
        }
    }
}
