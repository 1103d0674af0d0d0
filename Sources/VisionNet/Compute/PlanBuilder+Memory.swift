import CVectorKernels

/// Decides where each tensor is in memory, and for how long.
extension PlanBuilder {
    func layout(_ tensor: TensorID, _ format: ElementFormat, border: (rows: Int, columns: Int)) -> TensorLayout {
        let (height, width) = sizes[tensor] ?? (0, 0)
        return TensorLayout(
            height: height, width: width, channels: graph.tensors[tensor].channels, format: format, border: border)
    }

    /// Decides where each tensor is.
    ///
    /// - Returns: how many bytes the arena must have.
    func placeTensors() -> Int {
        var activationBorders: [TensorID: (rows: Int, columns: Int)] = [:]
        var gradientBorders: [TensorID: (rows: Int, columns: Int)] = [:]
        func widen(_ borders: inout [TensorID: (rows: Int, columns: Int)], _ tensor: TensorID, _ pass: Correlation) {
            let (height, width) = sizes[tensor] ?? (0, 0)
            let known = borders[tensor] ?? (0, 0)
            borders[tensor] = (
                max(known.rows, pass.vertical.border(ofInput: height)),
                max(known.columns, pass.horizontal.border(ofInput: width))
            )
        }
        for node in nodes {
            guard case .convolution(let group) = node.kind else { continue }
            for pass in forwardPasses(group, reading: node.input.tensor, writing: node.output.tensor)
            where pass.algorithm.readsBorder {
                widen(&activationBorders, node.input.tensor, pass.correlation)
            }
            for pass in backwardPasses(group, reading: node.output.tensor, writing: node.input)
            where pass.algorithm.readsBorder {
                widen(&gradientBorders, node.output.tensor, pass.correlation)
            }
        }

        var plan = MemoryPlan()
        func reserve(_ key: BlockKey, _ bytes: Int, _ first: Int, _ last: Int) {
            blocks[key] = plan.reserve(bytes: bytes, during: first...max(first, last))
        }
        for tensor in Set(nodes.map(\.output.tensor)).sorted() {
            let writers = nodes.indices.filter { nodes[$0].output.tensor == tensor }
            let readers = nodes.indices.filter { nodes[$0].input.tensor == tensor }.map(forwardMoment)
            let isInChain = isInsideChain(tensor)
            let isTerm = objective.tensors.contains(tensor)
            let firstWrite = writers.map(forwardMoment).min() ?? 0
            let lastUse = writers.map(backwardMoment).max() ?? lastMoment
            let lastRead =
                keeping.contains(tensor)
                ? lastMoment : max(readers.max() ?? firstWrite, isTerm ? objectiveMoment : 0)
            let activation = layout(tensor, activationFormat(tensor), border: activationBorders[tensor] ?? (0, 0))
            activations[tensor] = activation
            if !isInChain { reserve(.activation(tensor), activation.bytes, firstWrite, lastRead) }

            let gradientMoments = contributors(to: tensor).map(backwardMoment) + (isTerm ? [objectiveMoment] : [])
            guard let firstGradient = gradientMoments.min(), let lastGradient = gradientMoments.max() else { continue }
            let gradient = layout(tensor, gradientFormat(tensor), border: gradientBorders[tensor] ?? (0, 0))
            gradients[tensor] = gradient
            if !isInChain { reserve(.gradient(tensor), gradient.bytes, firstGradient, lastUse) }
            if hasSigns(tensor) {
                let bytes = gradient.height * gradient.width * signBytes(tensor)
                // Kept to the end, so that a test can read them; they are small.
                reserve(.signs(tensor), bytes, firstWrite, keeping.isEmpty ? lastGradient : lastMoment)
            }
        }
        for (index, node) in nodes.enumerated() {
            guard case .maxPool = node.kind else { continue }
            let (height, width) = sizes[node.output.tensor] ?? (0, 0)
            let bytes = height * width * ((node.output.channels.count + 1) / 2)
            reserve(.positions(node: index), bytes, index, keeping.isEmpty ? backwardMoment(index) : lastMoment)
        }
        let (offsets, size) = plan.layout()
        self.offsets = offsets
        let picture = layout(graph.input, .float32, border: (0, 0))
        (activations[graph.input], gradients[graph.input]) = (picture, picture)
        return size
    }

    /// The bytes of the packed weights that the passes read, and what packing the largest of them takes meanwhile.
    var weightBytes: (packed: Int, packing: Int) {
        var kernels: [KernelMatrix: Set<WeightStore.Layout>] = [:]
        var largest = 0
        for node in nodes {
            guard case .convolution(let group) = node.kind else { continue }
            func add(_ passes: [ConvolutionPass], isTransposed: Bool) {
                for pass in passes {
                    let matrix = KernelMatrix(group, pass.correlation, isTransposed: isTransposed)
                    kernels[matrix, default: []].insert(pass.algorithm.weightLayout)
                }
            }
            add(forwardPasses(group, reading: node.input.tensor, writing: node.output.tensor), isTransposed: false)
            guard differentiated.contains(node.output.tensor) else { continue }
            add(backwardPasses(group, reading: node.output.tensor, writing: node.input), isTransposed: true)
        }
        var weights = 0
        for (matrix, layouts) in kernels {
            for layout in layouts {
                let floats = WeightStore.packedFloats(of: matrix, as: layout)
                weights += max(floats * layout.bytesOfNumber, AlignedBuffer.alignment)
                largest = max(largest, floats + 2 * matrix.taps * matrix.inputs * matrix.outputs)
            }
        }
        return (weights, largest * MemoryLayout<Float>.stride)
    }

    func base(_ key: BlockKey) -> UnsafeMutablePointer<UInt8>? {
        guard let block = blocks[key] else { return nil }
        return memory.arena.bytes.baseAddress.map { ($0 + offsets[block]).assumingMemoryBound(to: UInt8.self) }
    }

    func elements(_ key: BlockKey) -> UnsafeMutableRawPointer {
        switch key {
        case .activation(graph.input): UnsafeMutableRawPointer(memory.input)
        case .gradient(graph.input): UnsafeMutableRawPointer(memory.inputGradient)
        default: UnsafeMutableRawPointer(base(key)) ?? UnsafeMutableRawPointer(memory.input)
        }
    }

    func activation(_ slice: Graph.Slice) -> TensorView {
        let layout =
            activations[slice.tensor] ?? self.layout(slice.tensor, activationFormat(slice.tensor), border: (0, 0))
        return layout.view(at: elements(.activation(slice.tensor)), channels: slice.channels)
    }

    func gradient(_ slice: Graph.Slice) -> TensorView {
        let layout =
            gradients[slice.tensor] ?? self.layout(slice.tensor, gradientFormat(slice.tensor), border: (0, 0))
        return layout.view(at: elements(.gradient(slice.tensor)), channels: slice.channels)
    }

    /// Whether some of the tensor's channels come out of a ReLU, whose signs are stored.
    func hasSigns(_ tensor: TensorID) -> Bool {
        nodes.contains { node in
            guard node.output.tensor == tensor else { return false }
            switch node.kind {
            case .convolution(let group):
                return group.parts.contains { $0.isActivated && $0.convolution.activation != .none }
            case .averagePool(_, _, let convolution): return convolution.map { $0.activation != .none } ?? false
            case .maxPool, .identity: return false
            }
        }
    }

    func signBytes(_ tensor: TensorID) -> Int { (graph.tensors[tensor].channels + 7) / 8 }

    /// Where the signs of a slice are stored; nil for a tensor without signs.
    func signs(_ slice: Graph.Slice) -> (base: UnsafeMutablePointer<UInt8>, row: Int, pixel: Int)? {
        guard hasSigns(slice.tensor), let base = base(.signs(slice.tensor)), let size = sizes[slice.tensor] else {
            return nil
        }
        let pixel = signBytes(slice.tensor)
        decisions.signs[slice.tensor] = .init(base: base, bytesPerPixel: pixel, width: size.width)
        return (base + slice.channels.lowerBound / 8, size.width * pixel, pixel)
    }
}
