import CVectorKernels

/// Turns a graph into the steps of forward pass, objective and backward pass for one input size.
///
/// Moments number the steps in time: of `n` nodes, node `i` runs forward at moment `i` and backward at `2n - i`; the
/// objective is evaluated at `n`. The memory plan follows from the first and last moment at which each tensor is used.
final class PlanBuilder {
    typealias TensorID = Graph.TensorID

    let model: VisionModel
    let options: ComputeOptions
    let precision: Precision
    let kernels: KernelTables
    let graph: Graph
    let nodes: [Graph.Node]
    let height: Int
    let width: Int
    let keeping: Set<TensorID>
    /// The tensors that the objective depends on; only these have gradients.
    let differentiated: Set<TensorID>
    /// The picture, and the picture as a network normalises it. With their three channels they stay floats in fast
    /// precision, and so do their gradients.
    let pictures: Set<TensorID>
    /// The activations that stay floats in fast precision.
    let exactActivations: Set<TensorID>
    let objective: Objective
    let sizes: [TensorID: (height: Int, width: Int)]
    /// The first and last node of each chain of convolutions that is computed by row bands.
    private(set) var chains: [ClosedRange<Int>] = []

    /// See `Workspace`.
    var isCancelled: @Sendable () -> Bool = { false }
    var steps: [Program.Step] = []
    var memory = PlanMemory(
        inputs: AlignedBuffer(byteCount: 0), gradients: AlignedBuffer(byteCount: 0),
        arena: AlignedBuffer(byteCount: 0))
    var activationViews: [TensorID: TensorView] = [:]
    var decisions = PlanDecisions()

    var activations: [TensorID: TensorLayout] = [:]
    var gradients: [TensorID: TensorLayout] = [:]
    var blocks: [BlockKey: Int] = [:]
    var offsets: [Int] = []
    /// The blocks whose border has been cleared.
    var written: Set<BlockKey> = []

    enum BlockKey: Hashable {
        case activation(TensorID)
        case gradient(TensorID)
        case signs(TensorID)
        case positions(node: Int)
    }

    init(
        model: VisionModel, options: ComputeOptions, precision: Precision, kernels: KernelTables,
        terms: [GradientPlan.Term], guides: [String: GuideFeatures], height: Int, width: Int, keeping: Set<TensorID>
    ) throws {
        self.model = model
        self.options = options
        self.precision = precision
        self.kernels = kernels
        self.height = height
        self.width = width
        self.keeping = keeping
        let graph = options.fusesNodes ? model.fusedGraph : model.graph
        self.graph = graph
        let layers = try terms.map { try Self.layer(of: $0, in: graph) }
        let nodes = graph.nodes(neededFor: Set(layers).union(keeping))
        self.nodes = nodes
        differentiated = nodes.reversed().reduce(into: Set(layers)) { found, node in
            if found.contains(node.output.tensor) { found.insert(node.input.tensor) }
        }
        pictures = Self.pictures(graph, nodes)
        exactActivations = Self.activationsOfStem(graph, nodes).union(pictures)
        let sizes = Self.sizes(of: nodes, height: height, width: width)
        self.sizes = sizes
        let located = zip(terms, layers)
        let objectiveTerms = located.filter { !$0.0.hasPixels }.map { term, tensor in
            ObjectiveTerm(term, tensor: tensor, channels: graph.tensors[tensor].channels)
        }
        let pixels = Dictionary(grouping: located.filter(\.0.hasPixels), by: \.1)
        objective = Objective(
            objectiveTerms,
            pixels: Dictionary(
                uniqueKeysWithValues: pixels.map { tensor, terms in
                    let objective = PixelObjective(
                        terms.map(\.0), features: terms.first.flatMap { guides[$0.0.layer] },
                        channels: graph.tensors[tensor].channels, size: sizes[tensor] ?? (1, 1))
                    return (tensor, objective)
                }), graph: graph, sizes: sizes)
        try checkFormats()
        chains = findChains()
    }

    /// Checks what the bfloat16 kernels require: they multiply pairs of channels, and pools write the format they read,
    /// except the one after the stem.
    private func checkFormats() throws {
        func refuse(_ reason: String) -> ModelError { .unavailablePrecision(precision, reason: reason) }
        for node in nodes where precision == .fast {
            let (input, output) = (node.input.tensor, node.output.tensor)
            guard graph.tensors[output].channels % 2 == 0 || pictures.contains(output) else {
                throw refuse("the network has odd numbers of channels")
            }
            switch node.kind {
            case .convolution: continue
            case .maxPool where gradientFormat(input) == gradientFormat(output): continue
            case .averagePool, .identity:
                guard activationFormat(input) == activationFormat(output),
                    gradientFormat(input) == gradientFormat(output)
                else { throw refuse("the network pools the picture itself") }
            case .maxPool: throw refuse("the network pools the picture itself")
            }
        }
    }

    /// The tensor of a term's layer. Throws if there is no such layer, or if it lacks one of the term's channels.
    static func layer(of term: GradientPlan.Term, in graph: Graph) throws -> TensorID {
        guard let layer = graph.layers.first(where: { $0.name == term.layer }) else {
            throw ModelError.unknownLayer(term.layer, known: graph.layers.map(\.name))
        }
        let count = graph.tensors[layer.tensor].channels
        if let channels = term.channels {
            guard !channels.isEmpty else { throw ModelError.noLayers }
            if let wrong = channels.sorted().first(where: { !(0..<count).contains($0) }) {
                throw ModelError.unknownChannel(layer: term.layer, channel: wrong, count: count)
            }
        }
        return layer.tensor
    }

    /// The kernel of a pass.
    ///
    /// - Throws: `CancellationError`: packing the kernels of a large network takes a while.
    func kernel(of task: ConvolutionTask) throws -> AlignedBuffer {
        guard !isCancelled() else { throw CancellationError() }
        return try model.weights.kernel(task.matrix, as: task.algorithm.weightLayout)
    }

    /// Plans the memory, gets the needed number of bytes from `arena`, and makes the steps.
    func build(arena: (Int) -> AlignedBuffer) throws {
        let bytes = placeTensors()
        let picture = layout(graph.input, .float32, border: (0, 0))
        memory = PlanMemory(
            inputs: AlignedBuffer(byteCount: picture.bytes), gradients: AlignedBuffer(byteCount: picture.bytes),
            arena: arena(bytes))
        for (index, node) in nodes.enumerated() {
            if let chain = chain(of: index) {
                if index == chain.upperBound { try appendForward(chain) }
            } else {
                try appendForward(node, at: index)
            }
        }
        appendObjective()
        for (index, node) in nodes.enumerated().reversed() where differentiated.contains(node.output.tensor) {
            if let chain = chain(of: index) {
                if index == chain.lowerBound { try appendBackward(chain) }
            } else {
                try appendBackward(node, at: index)
            }
        }
        for tensor in keeping {
            activationViews[tensor] = activation(graph.whole(tensor))
        }
    }

    // MARK: Formats, sizes and moments

    /// The activations before the stem's last max pool. Many decisions of ReLUs and max pools there are close, and
    /// making them in bfloat16 would cause most of the error of fast precision (docs/accuracy.md).
    private static func activationsOfStem(_ graph: Graph, _ nodes: [Graph.Node]) -> Set<TensorID> {
        let layers = Set(graph.layers.map(\.tensor))
        let stem = nodes.prefix { !layers.contains($0.output.tensor) }
        let lastPool = stem.lastIndex { if case .maxPool = $0.kind { true } else { false } } ?? stem.startIndex
        return Set(nodes[..<lastPool].map(\.output.tensor)).union([graph.input])
    }

    private static func pictures(_ graph: Graph, _ nodes: [Graph.Node]) -> Set<TensorID> {
        let normalized = nodes.filter { node in
            guard node.input.tensor == graph.input, case .convolution(let group) = node.kind,
                case .fixed = group.parts[0].convolution.offset
            else { return false }
            return true
        }
        return Set(normalized.map(\.output.tensor)).union([graph.input])
    }

    func activationFormat(_ tensor: TensorID) -> ElementFormat {
        precision == .full || exactActivations.contains(tensor) ? .float32 : .bfloat16
    }

    /// The format of a tensor's gradient; the caller gets the picture's as floats.
    func gradientFormat(_ tensor: TensorID) -> ElementFormat {
        precision == .full || pictures.contains(tensor) ? .float32 : .bfloat16
    }

    static func sizes(
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
            case .maxPool(let window, let stride, let padding):
                sizes[node.output.tensor] = (
                    padding.outputs(of: height, window: window, stride: stride),
                    padding.outputs(of: width, window: window, stride: stride)
                )
            case .averagePool, .identity:
                sizes[node.output.tensor] = (height, width)
            }
        }
        return sizes
    }

    /// The nodes between a tensor and the objective that read it: each contributes to its gradient.
    func contributors(to tensor: TensorID) -> [Int] {
        nodes.indices.filter {
            nodes[$0].input.tensor == tensor && differentiated.contains(nodes[$0].output.tensor)
        }
    }

    var objectiveMoment: Int { nodes.count }
    /// A chain is computed when its last node's turn comes, forward, and when its first node's turn comes, backward.
    func forwardMoment(_ index: Int) -> Int { chain(of: index)?.upperBound ?? index }
    func backwardMoment(_ index: Int) -> Int { 2 * nodes.count - (chain(of: index)?.lowerBound ?? index) }
    var lastMoment: Int { 2 * nodes.count }

    // MARK: Steps

    /// Adds a step that writes to a tensor. The first step for each tensor also clears its border.
    func append(_ step: Program.Step, writing key: BlockKey, _ layout: TensorLayout?) {
        guard written.insert(key).inserted, let layout, layout.border.rows + layout.border.columns > 0 else {
            steps.append(step)
            return
        }
        let base = elements(key)
        steps.append(step.followed { layout.clearBorder(at: base) })
    }
}
