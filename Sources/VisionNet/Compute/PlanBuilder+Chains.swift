import CVectorKernels

/// Finds convolutions that are computed together by bands of rows, and makes their steps.
///
/// An inverted residual block widens its input to several times as many channels, only to narrow it again. Its wide
/// tensors would be written to memory and read once, which takes longer than their arithmetic.
extension PlanBuilder {
    func chain(of index: Int) -> ClosedRange<Int>? { chains.first { $0.contains(index) && isConvolution($0, index) } }

    /// Whether a tensor is computed row by row inside a chain, so that it has no memory of its own.
    func isInsideChain(_ tensor: TensorID) -> Bool {
        nodes.indices.contains { index in
            nodes[index].output.tensor == tensor && (chain(of: index).map { index < $0.upperBound } ?? false)
        }
    }

    /// A sum of a residual block lies between a chain's convolutions without belonging to it.
    private func isConvolution(_ chain: ClosedRange<Int>, _ index: Int) -> Bool {
        if case .convolution = nodes[index].kind { true } else { false }
    }

    /// The convolutions of a chain.
    private func members(_ chain: ClosedRange<Int>) -> [(index: Int, node: Graph.Node, group: ConvolutionGroup)] {
        chain.compactMap { index in
            guard case .convolution(let group) = nodes[index].kind else { return nil }
            return (index, nodes[index], group)
        }
    }

    /// The chains: each depthwise convolution with the convolutions before and after it, as far as nothing else uses
    /// the tensors between them and the time saved is worth it.
    func findChains() -> [ClosedRange<Int>] {
        guard options.backend(for: precision) == .native else { return [] }
        var chains: [ClosedRange<Int>] = []
        for (index, node) in nodes.enumerated() {
            guard case .convolution(let group) = node.kind, group.isDepthwise, canBeInChain(index) else { continue }
            var chain = index...index
            if let before = nodes.indices.last(where: { nodes[$0].output.tensor == node.input.tensor }),
                canJoin(before, index), !chains.contains(where: { $0.contains(before) })
            {
                chain = before...index
            }
            if let after = nodes.indices.first(where: { nodes[$0].input.tensor == node.output.tensor }),
                canJoin(index, after)
            {
                chain = chain.lowerBound...after
            }
            if chain.count > 1 { chains.append(chain) }
        }
        return chains
    }

    /// Whether the tensor between two convolutions needs no memory of its own.
    private func canJoin(_ first: Int, _ second: Int) -> Bool {
        let tensor = nodes[first].output.tensor
        let whole = graph.whole(tensor)
        let (height, width) = sizes[tensor] ?? (0, 0)
        let bytes = height * width * whole.channels.count * activationFormat(tensor).bytes
        return canBeInChain(first) && canBeInChain(second) && nodes[first].output == whole
            && nodes[second].input == whole && !objective.tensors.contains(tensor)
            && !keeping.contains(tensor)
            && nodes.count { $0.output.tensor == tensor } == 1 && nodes.count { $0.input.tensor == tensor } == 1
            && bytes >= options.fewestChainBytes
    }

    /// Whether all passes of a node can be computed row by row.
    private func canBeInChain(_ index: Int) -> Bool {
        guard case .convolution(let group) = nodes[index].kind else { return false }
        let (input, output) = (nodes[index].input, nodes[index].output)
        let forward = forwardPasses(group, reading: input.tensor, writing: output.tensor)
        let backward = backwardPasses(group, reading: output.tensor, writing: input)
        return forward.count == 1 && differentiated.contains(output.tensor)
            && (forward + backward).allSatisfy { $0.algorithm.readsBorder && $0.correlation.taps > 0 }
    }

    func appendForward(_ chain: ClosedRange<Int>) throws {
        let step = try chainStep(members(chain).map { try forwardTasks($0.group, of: $0.node) })
        let tensor = nodes[chain.upperBound].output.tensor
        append(step, writing: .activation(tensor), activations[tensor])
    }

    func appendBackward(_ chain: ClosedRange<Int>) throws {
        let step = try chainStep(
            members(chain).reversed().map { member in
                backwardTasks(member.group, of: member.node, gradientEpilogue(of: member.node, at: member.index))
            })
        let tensor = nodes[chain.lowerBound].input.tensor
        append(step, writing: .gradient(tensor), gradients[tensor])
    }

    /// The step of convolutions one after another, each with its passes.
    func chainStep(_ convolutions: [[ConvolutionTask]]) throws -> Program.Step {
        let stages = try convolutions.map { tasks in
            ConvolutionChain.Stage(
                passes: tasks,
                weights: try tasks.map(kernel),
                kernels: kernels.table(for: tasks[0].input.format, tasks[0].output.format))
        }
        let tasks = convolutions.flatMap(\.self)
        let readsPicture = tasks[0].input.origin == UnsafeMutableRawPointer(memory.input)
        var step = ConvolutionChain(stages, copiesInput: readsPicture).step(threads: options.threads)
        step.name = convolutions.map(\.[0].name).joined(separator: ", ")
        step.method = "rows"
        step.operations = tasks.reduce(0) { $0 + $1.operations }
        step.factors = tasks.contains { $0.algorithm.factors == .bfloat16 } ? .bfloat16 : .float32
        return step
    }
}
