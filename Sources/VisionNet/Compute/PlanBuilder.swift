import CVectorKernels

/// Turns a graph into the steps of forward pass, objective and backward pass for one input size.
///
/// Moments number what happens: node `i` of `n` runs forward at moment `i`, the objective is taken at `n`, and node `i`
/// runs backward at `2n - i`. From the first and last moment of each tensor's use follows the memory plan.
final class PlanBuilder {
    typealias TensorID = Graph.TensorID

    let model: VisionModel
    let options: ComputeOptions
    let kernels: OpaquePointer
    let scratch: ScratchMemory
    let graph: Graph
    let nodes: [Graph.Node]
    let height: Int
    let width: Int
    let keeping: Set<TensorID>
    /// The factor of each layer's sum in the objective: its weight over its number of elements.
    let scales: [TensorID: Double]
    let sizes: [TensorID: (height: Int, width: Int)]

    let objective = ObjectiveSums()
    private(set) var steps: [Program.Step] = []
    private(set) var memory = PlanMemory(
        inputs: AlignedBuffer(byteCount: 0), gradients: AlignedBuffer(byteCount: 0),
        arena: AlignedBuffer(byteCount: 0))
    private(set) var activationViews: [TensorID: TensorView] = [:]
    private(set) var decisions = PlanDecisions()

    private var activations: [TensorID: TensorLayout] = [:]
    private var gradients: [TensorID: TensorLayout] = [:]
    private var blocks: [BlockKey: Int] = [:]
    private var offsets: [Int] = []
    /// Blocks whose border was cleared.
    private var written: Set<BlockKey> = []

    private enum BlockKey: Hashable {
        case activation(TensorID)
        case gradient(TensorID)
        case signs(TensorID)
        case positions(node: Int)
    }

    init(
        model: VisionModel, options: ComputeOptions, kernels: OpaquePointer, scratch: ScratchMemory,
        terms: [GradientPlan.Term], height: Int, width: Int, keeping: Set<TensorID>
    ) throws {
        self.model = model
        self.options = options
        self.kernels = kernels
        self.scratch = scratch
        self.height = height
        self.width = width
        self.keeping = keeping
        let graph = options.fusesNodes ? model.fusedGraph : model.graph
        self.graph = graph
        let wanted = try terms.map { term in
            guard let layer = graph.layers.first(where: { $0.name == term.layer }) else {
                throw ModelError.unknownLayer(term.layer, known: graph.layers.map(\.name))
            }
            return (tensor: layer.tensor, weight: term.weight)
        }
        nodes = graph.nodes(neededFor: Set(wanted.map(\.tensor)).union(keeping))
        let sizes = Self.sizes(of: nodes, height: height, width: width)
        self.sizes = sizes
        scales = Dictionary(
            wanted.map { tensor, weight in
                let (height, width) = sizes[tensor] ?? (1, 1)
                return (tensor, weight / Double(height * width * graph.tensors[tensor].channels))
            }, uniquingKeysWith: +)
    }

    /// Plans the memory, asks `arena` for so many bytes, and makes the steps.
    func build(arena: (Int) -> AlignedBuffer) throws {
        planMemory(arena: arena)
        for (index, node) in nodes.enumerated() {
            try appendForward(node, at: index)
        }
        appendObjective()
        for (index, node) in nodes.enumerated().reversed() {
            try appendBackward(node, at: index)
        }
        for tensor in keeping {
            activationViews[tensor] = activation(graph.whole(tensor))
        }
    }

    // MARK: Sizes and moments

    private static func sizes(
        of nodes: [Graph.Node], height: Int, width: Int
    ) -> [TensorID: (height: Int, width: Int)] {
        var sizes: [TensorID: (height: Int, width: Int)] = [0: (height, width)]
        for node in nodes {
            guard let (height, width) = sizes[node.input.tensor] else { continue }
            switch node.kind {
            case .convolution(let group):
                let (kernel, stride, padding) = (group.kernel, group.stride, group.padding)
                sizes[node.output.tensor] = (
                    padding.outputs(of: height, window: kernel.height, stride: stride),
                    padding.outputs(of: width, window: kernel.width, stride: stride)
                )
            case .maxPool(let window, let stride):
                sizes[node.output.tensor] = (
                    Padding.valid.outputs(of: height, window: window, stride: stride),
                    Padding.valid.outputs(of: width, window: window, stride: stride)
                )
            case .averagePool:
                sizes[node.output.tensor] = (height, width)
            }
        }
        return sizes
    }

    private var objectiveMoment: Int { nodes.count }
    private func backwardMoment(_ index: Int) -> Int { 2 * nodes.count - index }
    private var lastMoment: Int { 2 * nodes.count }

    // MARK: Memory

    private func layout(_ tensor: TensorID, border: (rows: Int, columns: Int)) -> TensorLayout {
        let (height, width) = sizes[tensor] ?? (0, 0)
        return TensorLayout(
            height: height, width: width, channels: graph.tensors[tensor].channels, border: border)
    }

    private func planMemory(arena: (Int) -> AlignedBuffer) {
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
            let (height, width) = sizes[node.input.tensor] ?? (0, 0)
            let forward = Correlation.forward(group, height: height, width: width)
            if algorithm(for: forward, of: group, reading: node.input.tensor) == .direct {
                widen(&activationBorders, node.input.tensor, forward)
            }
            for pass in Correlation.backward(group, height: height, width: width)
            where algorithm(for: pass, of: group, reading: node.output.tensor) == .direct {
                widen(&gradientBorders, node.output.tensor, pass)
            }
        }

        var plan = MemoryPlan()
        func reserve(_ key: BlockKey, _ bytes: Int, _ first: Int, _ last: Int) {
            blocks[key] = plan.reserve(bytes: bytes, during: first...max(first, last))
        }
        for tensor in Set(nodes.map(\.output.tensor)).sorted() {
            let writers = nodes.indices.filter { nodes[$0].output.tensor == tensor }
            let readers = nodes.indices.filter { nodes[$0].input.tensor == tensor }
            let isTerm = scales[tensor] != nil
            let firstWrite = writers.min() ?? 0
            let lastRead = keeping.contains(tensor)
                ? lastMoment : max(readers.max() ?? firstWrite, isTerm ? objectiveMoment : 0)
            let activation = layout(tensor, border: activationBorders[tensor] ?? (0, 0))
            activations[tensor] = activation
            reserve(.activation(tensor), activation.floats * 4, firstWrite, lastRead)

            let gradientMoments = readers.map(backwardMoment) + (isTerm ? [objectiveMoment] : [])
            guard let firstGradient = gradientMoments.min(), let lastGradient = gradientMoments.max() else { continue }
            let gradient = layout(tensor, border: gradientBorders[tensor] ?? (0, 0))
            gradients[tensor] = gradient
            reserve(.gradient(tensor), gradient.floats * 4, firstGradient, backwardMoment(firstWrite))
            if hasSigns(tensor) {
                let bytes = gradient.height * gradient.width * signBytes(tensor)
                // To the end, so that a test can read them; they are small.
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
        let pictureBytes = layout(graph.input, border: (0, 0)).floats * 4
        activations[graph.input] = layout(graph.input, border: (0, 0))
        gradients[graph.input] = layout(graph.input, border: (0, 0))
        memory = PlanMemory(
            inputs: AlignedBuffer(byteCount: pictureBytes), gradients: AlignedBuffer(byteCount: pictureBytes),
            arena: arena(size))
    }

    private func base(_ key: BlockKey) -> UnsafeMutablePointer<UInt8>? {
        guard let block = blocks[key] else { return nil }
        return memory.arena.bytes.baseAddress.map { ($0 + offsets[block]).assumingMemoryBound(to: UInt8.self) }
    }

    private func floats(_ key: BlockKey) -> UnsafeMutablePointer<Float> {
        switch key {
        case .activation(graph.input): memory.input
        case .gradient(graph.input): memory.inputGradient
        default: base(key).map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self) } ?? memory.input
        }
    }

    // MARK: Tensors

    func activation(_ slice: Graph.Slice) -> TensorView {
        let layout = activations[slice.tensor] ?? self.layout(slice.tensor, border: (0, 0))
        return layout.view(at: floats(.activation(slice.tensor)), channels: slice.channels)
    }

    func gradient(_ slice: Graph.Slice) -> TensorView {
        let layout = gradients[slice.tensor] ?? self.layout(slice.tensor, border: (0, 0))
        return layout.view(at: floats(.gradient(slice.tensor)), channels: slice.channels)
    }

    /// Whether some of the tensor's channels come out of a ReLU.
    private func hasSigns(_ tensor: TensorID) -> Bool {
        nodes.contains { node in
            guard node.output.tensor == tensor else { return false }
            switch node.kind {
            case .convolution(let group): return group.parts.contains { $0.isActivated }
            case .averagePool(_, let activation): return activation != nil
            case .maxPool: return false
            }
        }
    }

    private func signBytes(_ tensor: TensorID) -> Int { (graph.tensors[tensor].channels + 7) / 8 }

    /// Where the signs of a slice are; nil for a tensor without.
    private func signs(_ slice: Graph.Slice) -> (base: UnsafeMutablePointer<UInt8>, row: Int, pixel: Int)? {
        guard hasSigns(slice.tensor), let base = base(.signs(slice.tensor)), let size = sizes[slice.tensor] else {
            return nil
        }
        let pixel = signBytes(slice.tensor)
        decisions.signs[slice.tensor] = .init(base: base, bytesPerPixel: pixel, width: size.width)
        return (base + slice.channels.lowerBound / 8, size.width * pixel, pixel)
    }

    /// Adds a step that writes to a tensor; the first one of each tensor also clears its border.
    private func append(_ step: Program.Step, writing key: BlockKey, _ layout: TensorLayout?) {
        guard written.insert(key).inserted, let layout, layout.border.rows + layout.border.columns > 0 else {
            steps.append(step)
            return
        }
        let base = floats(key)
        var bordered = Program.Step(name: step.name, units: step.units + 1, grain: step.grain) { units, thread in
            // The last unit is the border.
            let inner = units.clamped(to: 0..<step.units)
            if !inner.isEmpty { step.body(inner, thread) }
            if units.upperBound > step.units { layout.clearBorder(at: base) }
        }
        (bordered.method, bordered.operations) = (step.method, step.operations)
        steps.append(bordered)
    }

    /// Rows to hand out at once, so that every thread gets some.
    private func grain(rows: Int) -> Int { max(1, (rows + 2 * options.threads - 1) / (2 * options.threads)) }

    // MARK: Forward

    private func forwardEpilogue(_ output: Graph.Slice, activation: WeightStore.Activation?) -> vk_epilogue {
        var epilogue = vk_epilogue()
        epilogue.bias = activation.map { UnsafePointer($0.bias.floats) }
        epilogue.floor = activation.map { UnsafePointer($0.floor.floats) }
        if let signs = signs(output) {
            epilogue.signs_out = signs.base
            (epilogue.sign_row, epilogue.sign_pixel) = (signs.row, signs.pixel)
        }
        return epilogue
    }

    private func appendForward(_ node: Graph.Node, at index: Int) throws {
        let step: Program.Step
        switch node.kind {
        case .convolution(let group):
            let (height, width) = sizes[node.input.tensor] ?? (0, 0)
            let pass = Correlation.forward(group, height: height, width: width)
            let activation = try model.weights.activation(of: group)
            step = try self.step(
                ConvolutionTask(
                    name: group.name, algorithm: algorithm(for: pass, of: group, reading: node.input.tensor), correlation: pass,
                    matrix: KernelMatrix(group, pass, isTransposed: false), input: self.activation(node.input),
                    output: self.activation(node.output),
                    epilogue: forwardEpilogue(node.output, activation: activation), activation: activation))
        case .maxPool(let window, let stride):
            var pool = maxPool(
                index, node, window, stride, input: activation(node.input), output: activation(node.output))
            pool.epilogue = forwardEpilogue(node.output, activation: nil)
            let task = pool
            step = Program.Step(name: "max pool", units: Int(pool.height), grain: grain(rows: Int(pool.height))) {
                [kernels] rows, _ in
                withUnsafePointer(to: task) {
                    vk_max_pool_forward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
        case .averagePool(let window, let convolution):
            let behind = try convolution.map {
                try model.weights.activation(of: ConvolutionGroup([.init(convolution: $0, isActivated: true)]))
            }
            let task = averagePool(
                window, input: activation(node.input), output: activation(node.output),
                epilogue: forwardEpilogue(node.output, activation: behind))
            step = Program.Step(name: "average pool", units: Int(task.height), grain: grain(rows: Int(task.height))) {
                [kernels] rows, _ in
                withExtendedLifetime(behind) {
                    withUnsafePointer(to: task) {
                        vk_average_pool_forward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                    }
                }
            }
        }
        append(step, writing: .activation(node.output.tensor), activations[node.output.tensor])
    }

    private func maxPool(
        _ index: Int, _ node: Graph.Node, _ window: Int, _ stride: Int, input: TensorView, output: TensorView
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
            stride: Int32(stride), positions: positions, epilogue: vk_epilogue())
    }

    private func averagePool(
        _ window: Int, input: TensorView, output: TensorView, epilogue: vk_epilogue
    ) -> vk_average_pool {
        vk_average_pool(
            input: input.origin, input_row: input.rowStride, input_pixel: input.pixelStride, output: output.origin,
            output_row: output.rowStride, output_pixel: output.pixelStride, height: Int32(output.height),
            width: Int32(output.width), channels: Int32(output.channels), window: Int32(window), epilogue: epilogue)
    }

    // MARK: Objective

    private func appendObjective() {
        for (tensor, scale) in scales.sorted(by: { $0.key < $1.key }) {
            let view = activation(graph.whole(tensor))
            let sums = objective.add(scale: scale, rows: view.height)
            steps.append(
                Program.Step(name: "objective", units: view.height, grain: grain(rows: view.height)) {
                    [kernels] rows, _ in
                    for row in rows {
                        sums[row] = vk_row_sum(
                            kernels, view.row(row), view.pixelStride, Int32(view.width), Int32(view.channels))
                    }
                })
            if !nodes.contains(where: { $0.input.tensor == tensor }) {
                appendSeed(tensor, scale: scale)
            }
        }
    }

    /// The gradient of a layer that nothing but the objective reads: the same everywhere, where the ReLU is open.
    private func appendSeed(_ tensor: TensorID, scale: Double) {
        let view = gradient(graph.whole(tensor))
        let zeros = AlignedBuffer([Float](repeating: 0, count: view.channels))
        var epilogue = gradientEpilogue(graph.whole(tensor), isFirst: true, isLast: true)
        epilogue.constant = Float(scale)
        let seeded = epilogue
        let step = Program.Step(name: "objective'", units: view.height, grain: grain(rows: view.height)) {
            [kernels] rows, _ in
            for row in rows {
                var rowEpilogue = seeded
                rowEpilogue.signs_in = seeded.signs_in.map { $0 + row * seeded.sign_row }
                vk_apply_epilogue(
                    kernels, zeros.floats, 0, view.row(row), view.pixelStride, Int32(view.width),
                    Int32(view.channels), &rowEpilogue)
            }
        }
        append(step, writing: .gradient(tensor), gradients[tensor])
    }

    // MARK: Backward

    private func gradientEpilogue(_ slice: Graph.Slice, isFirst: Bool, isLast: Bool) -> vk_epilogue {
        var epilogue = vk_epilogue()
        epilogue.accumulate = isFirst ? 0 : 1
        if isFirst { epilogue.constant = Float(scales[slice.tensor] ?? 0) }
        if isLast, let signs = signs(slice) {
            epilogue.signs_in = UnsafePointer(signs.base)
            (epilogue.sign_row, epilogue.sign_pixel) = (signs.row, signs.pixel)
        }
        return epilogue
    }

    /// Adds what a node contributes to its input's gradient. The first contribution sets it (with the objective's own,
    /// if the input is one of its layers), the last applies the input's ReLU.
    private func appendBackward(_ node: Graph.Node, at index: Int) throws {
        let readers = nodes.indices.filter { nodes[$0].input == node.input }
        let epilogue = gradientEpilogue(
            node.input, isFirst: index == readers.last, isLast: index == readers.first)
        let (input, output) = (gradient(node.input), gradient(node.output))
        let key = BlockKey.gradient(node.input.tensor)
        let layout = gradients[node.input.tensor]
        switch node.kind {
        case .convolution(let group):
            let (height, width) = sizes[node.input.tensor] ?? (0, 0)
            for pass in Correlation.backward(group, height: height, width: width) {
                let task = ConvolutionTask(
                    name: group.name + "'", algorithm: algorithm(for: pass, of: group, reading: node.output.tensor),
                    correlation: pass, matrix: KernelMatrix(group, pass, isTransposed: true), input: output,
                    output: input, epilogue: epilogue, activation: nil)
                append(try step(task), writing: key, layout)
            }
        case .maxPool(let window, let stride):
            var pool = maxPool(index, node, window, stride, input: input, output: output)
            pool.epilogue = epilogue
            let task = pool
            let step = Program.Step(name: "max pool'", units: input.height, grain: grain(rows: input.height)) {
                [kernels] rows, _ in
                withUnsafePointer(to: task) {
                    vk_max_pool_backward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
            append(step, writing: key, layout)
        case .averagePool(let window, _):
            let task = averagePool(window, input: output, output: input, epilogue: epilogue)
            let step = Program.Step(name: "average pool'", units: input.height, grain: grain(rows: input.height)) {
                [kernels] rows, _ in
                withUnsafePointer(to: task) {
                    vk_average_pool_backward(kernels, $0, Int32(rows.lowerBound), Int32(rows.upperBound))
                }
            }
            append(step, writing: key, layout)
        }
    }

    // MARK: Convolutions

    /// How to compute a pass of a group of convolutions, forward or backward, that reads the tensor `input`.
    private func algorithm(
        for pass: Correlation, of group: ConvolutionGroup, reading input: TensorID
    ) -> ConvolutionTask.Algorithm {
        guard options.backend == .native else { return .matrixProduct }
        let algorithm = ConvolutionTask.Algorithm.fastest(
            for: pass, inputs: group.inputs, outputs: group.outputs, usesWinograd: options.usesWinograd)
        // The picture is the caller's, without a border of zeros.
        let (height, width) = sizes[input] ?? (0, 0)
        let needsBorder = pass.vertical.border(ofInput: height) + pass.horizontal.border(ofInput: width) > 0
        return algorithm == .direct && input == graph.input && needsBorder ? .matrixProduct : algorithm
    }

    private func step(_ task: ConvolutionTask) throws -> Program.Step {
        var step = try unlabelledStep(task)
        (step.method, step.operations) = (task.algorithm.description, task.operations)
        return step
    }

    private func unlabelledStep(_ task: ConvolutionTask) throws -> Program.Step {
        switch task.algorithm {
        case .matrixProduct:
            let weights = try model.weights.kernel(task.matrix, as: .matrix)
            return task.matrixProductStep(
                weights: weights, kernels: kernels, scratch: scratch, threads: options.threads)
        case .direct:
            let weights = try model.weights.kernel(task.matrix, as: .panels)
            return task.directStep(weights: weights, kernels: kernels, threads: options.threads)
        case .winograd(let tileHeight, let tileWidth):
            let layout = WeightStore.Layout.winograd(tileHeight: tileHeight, tileWidth: tileWidth)
            return task.winogradStep(
                tileHeight: tileHeight, tileWidth: tileWidth,
                weights: try model.weights.kernel(task.matrix, as: layout), kernels: kernels, scratch: scratch,
                threads: options.threads)
        }
    }
}
