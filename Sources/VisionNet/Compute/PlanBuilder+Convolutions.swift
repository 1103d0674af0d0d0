import CVectorKernels

/// One pass of a convolution, forward or backward, and how it is computed.
struct ConvolutionPass {
    let correlation: Correlation
    let algorithm: ConvolutionTask.Algorithm
}

/// Chooses how convolutions are computed.
extension PlanBuilder {
    /// The passes whose sum is a group's output.
    func forwardPasses(
        _ group: ConvolutionGroup, reading input: TensorID, writing output: TensorID
    ) -> [ConvolutionPass] {
        let (height, width) = sizes[input] ?? (0, 0)
        let formats = (input: activationFormat(input), output: activationFormat(output))
        // Winograd's transforms would magnify the rounding errors of bfloat16 products and change decisions of ReLUs
        // and max pools.
        func passes(_ correlations: [Correlation]) -> [ConvolutionPass] {
            correlations.map { pass($0, of: group, reading: input, formats, winogradProducts: .float32) }
        }
        func cost(_ passes: [ConvolutionPass]) -> Double {
            passes.reduce(0) {
                $0 + $1.algorithm.cost(of: $1.correlation, inputs: group.inputs, outputs: group.outputs)
            }
        }
        let whole = passes([.forward(group, height: height, width: width)])
        // The passes add to the output, and bfloat16 would round after each of them.
        guard usesVectorKernels, options.usesWinograd, !group.isDepthwise, input != graph.input,
            formats.output == .float32,
            let phases = Correlation.forwardPhases(group, height: height, width: width)
        else { return whole }
        let parts = passes(phases)
        return cost(parts) < cost(whole) ? parts : whole
    }

    /// The passes that together write the gradient of a group's input; their pixels are disjoint.
    func backwardPasses(
        _ group: ConvolutionGroup, reading output: TensorID, writing input: Graph.Slice
    ) -> [ConvolutionPass] {
        let (height, width) = sizes[input.tensor] ?? (0, 0)
        let formats = (input: gradientFormat(output), output: gradientFormat(input.tensor))
        // With few channels, such as a picture's three, most of a panel would be empty. Several pixels can be computed
        // as one only if nothing lies between them in memory and only the sum is written.
        let isMergeable =
            !group.isDepthwise && input == graph.whole(input.tensor)
            && !hasSigns(input.tensor) && !objective.tensors.contains(input.tensor)
        let most = Int(VK_PANEL) / group.inputs / group.stride * group.stride
        let merging = isMergeable && group.kernel.width > 1 && most > 1 && width >= most ? most : 1
        return Correlation.backward(group, height: height, width: width, merging: merging)
            .map { pass($0, of: group, reading: output, formats, winogradProducts: formats.input) }
    }

    private var usesVectorKernels: Bool { options.backend(for: precision) == .native }

    private func pass(
        _ correlation: Correlation, of group: ConvolutionGroup, reading input: TensorID,
        _ formats: (input: ElementFormat, output: ElementFormat), winogradProducts: ElementFormat
    ) -> ConvolutionPass {
        guard !group.isDepthwise else { return ConvolutionPass(correlation: correlation, algorithm: .depthwise) }
        guard usesVectorKernels else {
            return ConvolutionPass(correlation: correlation, algorithm: .matrixProduct)
        }
        let algorithm = ConvolutionTask.Algorithm.fastest(
            for: correlation, inputs: group.inputs, outputs: group.outputs, of: formats.input,
            winogradProducts: winogradProducts,
            // The Winograd kernel reads and writes tensors of one format.
            usesWinograd: options.usesWinograd && formats.input == formats.output)
        return ConvolutionPass(correlation: correlation, algorithm: algorithm)
    }

    /// Whether a pass reads zeros around the picture, whose memory has none.
    func lacksBorder(_ pass: ConvolutionPass, reading input: TensorID) -> Bool {
        let (height, width) = sizes[input] ?? (0, 0)
        let (rows, columns) = (pass.correlation.vertical, pass.correlation.horizontal)
        return pass.algorithm.readsBorder && input == graph.input
            && rows.border(ofInput: height) + columns.border(ofInput: width) > 0
    }

    func step(_ task: ConvolutionTask) throws -> Program.Step {
        var step = try unlabelledStep(task)
        (step.method, step.operations) = (task.algorithm.description, task.operations)
        step.factors = task.algorithm.factors
        return step
    }

    private func unlabelledStep(_ task: ConvolutionTask) throws -> Program.Step {
        let kernels = kernels.table(for: task.input.format, task.output.format)
        let weights = try kernel(of: task)
        switch task.algorithm {
        case .matrixProduct:
            return task.matrixProductStep(
                weights: weights, kernels: kernels, threads: options.threads)
        case .depthwise:
            return task.depthwiseStep(weights: weights, kernels: kernels, threads: options.threads)
        case .direct:
            return task.directStep(weights: weights, kernels: kernels, threads: options.threads)
        case .winograd(let tileHeight, let tileWidth, let products):
            return task.winogradStep(
                tileHeight: tileHeight, tileWidth: tileWidth, products: products, weights: weights, kernels: kernels,
                threads: options.threads)
        }
    }
}
