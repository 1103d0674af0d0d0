/// A network as tensors and the nodes between them, in an order in which they can be computed.
///
/// Concatenations are not nodes: each branch writes its own channels of the common tensor.
public struct Graph: Sendable {
    /// The index of a tensor in `tensors`.
    package typealias TensorID = Int

    package struct Tensor: Sendable {
        package let channels: Int
    }

    /// A range of a tensor's channels.
    package struct Slice: Sendable, Hashable {
        package let tensor: TensorID
        package let channels: Range<Int>
    }

    package struct Node: Sendable {
        package var kind: Kind
        package var input: Slice
        package var output: Slice
        /// Whether the result is added to what an earlier node wrote there.
        package var isAdded = false
    }

    package enum Kind: Sendable {
        case convolution(ConvolutionGroup)
        case maxPool(window: Int, stride: Int, padding: Padding)
        /// With the convolution whose bias and ReLU follow, if one was moved before the pool.
        case averagePool(window: Int, countsPadding: Bool, activation: Convolution?)
        case identity
    }

    /// The input picture.
    package let input: TensorID = 0
    package private(set) var tensors: [Tensor]
    package internal(set) var nodes: [Node] = []
    /// The named tensors that an objective can use, from input to output.
    package private(set) var layers: [(name: String, tensor: TensorID)] = []

    /// All convolutions, in the description's order.
    public var convolutions: [Convolution] {
        nodes.compactMap { node in
            if case .convolution(let group) = node.kind { group.parts[0].convolution } else { nil }
        }
    }

    package init(_ description: [Operation], inputChannels: Int, width: Width) {
        self.init([(description, width)], inputChannels: inputChannels)
    }

    /// A network made of parts, one after another, each with its own width.
    package init(_ parts: [(description: [Operation], width: Width)], inputChannels: Int) {
        tensors = [Tensor(channels: inputChannels)]
        var current = whole(input)
        for part in parts {
            current = append(part.description, from: current, to: nil, prefix: "", width: part.width)
        }
    }

    /// The nodes needed to compute these tensors.
    package func nodes(neededFor wanted: Set<TensorID>) -> [Node] {
        var needed = wanted
        var kept: [Node] = []
        for node in nodes.reversed() where needed.contains(node.output.tensor) {
            needed.insert(node.input.tensor)
            kept.append(node)
        }
        return kept.reversed()
    }

    /// Whether all of a tensor's channels come out of an activation function without values below zero, directly or
    /// through pools.
    package func isRectified(_ tensor: TensorID) -> Bool {
        let sums = nodes.filter { $0.output.tensor == tensor && $0.isAdded }.map(\.output)
        // What else is written where a sum is computed only goes into the sum.
        let writers = nodes.filter {
            $0.output.tensor == tensor && ($0.isAdded || !sums.contains($0.output))
        }
        return !writers.isEmpty
            && writers.allSatisfy { node in
                switch node.kind {
                case .convolution(let group): group.parts.allSatisfy { $0.convolution.activation != .none }
                case .maxPool, .averagePool: isRectified(node.input.tensor)
                case .identity: true
                }
            }
    }

    /// All channels of a tensor.
    package func whole(_ tensor: TensorID) -> Slice {
        Slice(tensor: tensor, channels: 0..<tensors[tensor].channels)
    }

    // MARK: Lowering a description

    /// - Returns: the slice that holds the chain's result.
    @discardableResult
    private mutating func append(
        _ chain: [Operation], from start: Slice, to destination: Slice?, prefix: String, width: Width
    ) -> Slice {
        var current = start
        let last = chain.lastIndex { if case .layer = $0 { false } else { true } }
        for (index, operation) in chain.enumerated() {
            if case .layer(let name) = operation {
                layers.append((name, current.tensor))
                continue
            }
            let channels = Graph.channels(after: operation, from: current.channels.count, width: width)
            let output = index == last ? destination ?? makeTensor(channels) : makeTensor(channels)
            append(operation, from: current, to: output, prefix: prefix, width: width)
            current = output
        }
        return current
    }

    private mutating func append(
        _ operation: Operation, from input: Slice, to output: Slice, prefix: String, width: Width
    ) {
        switch operation {
        case .convolution(let name, _, let kernel, let stride, let padding, let offset, let activation):
            let convolution = Convolution(
                name: prefix + name, kernel: kernel, stride: stride, padding: padding,
                inputs: input.channels.count, outputs: output.channels.count, isDepthwise: false, offset: offset,
                activation: activation)
            append(convolution, from: input, to: output)
        case .depthwise(let name, let kernel, let stride, let padding, let offset, let activation):
            precondition(kernel == 1 || input.tensor != self.input, "the picture has no border of zeros")
            let convolution = Convolution(
                name: prefix + name, kernel: kernel, stride: stride, padding: padding,
                inputs: input.channels.count, outputs: output.channels.count, isDepthwise: true, offset: offset,
                activation: activation)
            append(convolution, from: input, to: output)
        case .normalization(let mean, let deviation):
            let convolution = Convolution(
                name: prefix + "normalization", kernel: 1, stride: 1, padding: .valid, inputs: input.channels.count,
                outputs: output.channels.count, isDepthwise: true,
                offset: .fixed(
                    kernel: deviation.map { 0.5 / $0 }, bias: zip(mean, deviation).map { (0.5 - $0) / $1 }),
                activation: .none)
            append(convolution, from: input, to: output)
        case .maxPool(let window, let stride, let padding):
            nodes.append(
                Node(
                    kind: .maxPool(window: window, stride: stride, padding: padding), input: input, output: output))
        case .averagePool(let window, let countsPadding):
            nodes.append(
                Node(
                    kind: .averagePool(window: window, countsPadding: countsPadding, activation: nil), input: input,
                    output: output))
        case .concatenation(let name, let branches):
            if let name { layers.append((name, output.tensor)) }
            var first = output.channels.lowerBound
            for branch in branches {
                let count = Graph.channels(after: branch, from: input.channels.count, width: width)
                let slice = Slice(tensor: output.tensor, channels: first..<first + count)
                append(branch, from: input, to: slice, prefix: name.map { $0 + "." } ?? prefix, width: width)
                first += count
            }
        case .residual(let chain, let shortcut):
            append(chain, from: input, to: output, prefix: prefix, width: width)
            // The input is written first; the last convolution adds to it and then applies its activation function.
            var last = nodes.removeLast()
            last.isAdded = true
            if shortcut.isEmpty {
                nodes.append(Node(kind: .identity, input: input, output: output))
            } else {
                append(shortcut, from: input, to: output, prefix: prefix, width: width)
            }
            nodes.append(last)
        case .layer:
            break
        }
    }

    private mutating func append(_ convolution: Convolution, from input: Slice, to output: Slice) {
        let group = ConvolutionGroup([.init(convolution: convolution, isActivated: true)])
        nodes.append(Node(kind: .convolution(group), input: input, output: output))
    }

    mutating func makeTensor(_ channels: Int) -> Slice {
        tensors.append(Tensor(channels: channels))
        return Slice(tensor: tensors.count - 1, channels: 0..<channels)
    }

    private static func channels(after operation: Operation, from inputs: Int, width: Width) -> Int {
        switch operation {
        case .convolution(_, let published, _, _, _, _, _): width.channels(published)
        case .residual(let chain, _): channels(after: chain, from: inputs, width: width)
        case .depthwise, .normalization, .maxPool, .averagePool, .layer: inputs
        case .concatenation(_, let branches):
            branches.reduce(0) { $0 + channels(after: $1, from: inputs, width: width) }
        }
    }

    private static func channels(after chain: [Operation], from inputs: Int, width: Width) -> Int {
        chain.reduce(inputs) { channels(after: $1, from: $0, width: width) }
    }
}
