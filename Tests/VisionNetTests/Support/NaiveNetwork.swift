import VisionNet

/// A network in double precision, as slow and as plain as the definitions: the reference for VisionNet.
struct NaiveNetwork {
    /// A tensor's numbers, HWC.
    struct Volume {
        let height: Int
        let width: Int
        let channels: Int
        var values: [Double]

        init(height: Int, width: Int, channels: Int) {
            (self.height, self.width, self.channels) = (height, width, channels)
            values = [Double](repeating: 0, count: height * width * channels)
        }

        func index(_ row: Int, _ column: Int, _ channel: Int) -> Int { (row * width + column) * channels + channel }

        func channelMeans(of measure: GradientPlan.Term.Measure) -> [Double] {
            (0..<channels).map { channel in
                let values = stride(from: channel, to: self.values.count, by: channels)
                    .map { measure == .mean ? self.values[$0] : self.values[$0] * self.values[$0] }
                return values.reduce(0, +) / Double(values.count)
            }
        }
    }

    /// The decisions of a forward pass, of this network or of a plan. The backward pass follows them.
    protocol Decisions {
        /// Whether the activation function behind this output, which has one, lets a change through.
        func isOpen(_ tensor: Int, _ row: Int, _ column: Int, _ channel: Int) -> Bool
        /// The index in the window, row-major, of the element that a max pool took; `channel` is 0 for the pool's
        /// first.
        func choice(_ output: Graph.Slice, _ row: Int, _ column: Int, _ channel: Int) -> Int
    }

    let graph: Graph
    private let folded: [String: FoldedConvolution]

    init(_ graph: Graph, weights: any WeightSource) throws {
        self.graph = graph
        var folded: [String: FoldedConvolution] = [:]
        for node in graph.nodes {
            switch node.kind {
            case .convolution(let group):
                for part in group.parts {
                    folded[part.convolution.name] = try FoldedConvolution(
                        part.convolution, from: weights, epsilon: Network.inceptionV3.epsilon)
                }
            case .averagePool, .maxPool, .identity: break
            }
        }
        self.folded = folded
    }

    // MARK: Forward

    /// Every tensor that `layers` need.
    func forward(_ input: [Double], height: Int, width: Int, layers: [String]) -> [Int: Volume] {
        var picture = Volume(height: height, width: width, channels: graph.tensors[graph.input].channels)
        picture.values = input
        var tensors = [graph.input: picture]
        for node in nodes(for: layers) {
            guard let source = tensors[node.input.tensor] else { continue }
            let (rows, columns) = outputSize(of: node, source)
            var output =
                tensors[node.output.tensor]
                ?? Volume(height: rows, width: columns, channels: graph.tensors[node.output.tensor].channels)
            for row in 0..<rows {
                for column in 0..<columns {
                    for channel in 0..<node.output.channels.count {
                        let index = output.index(row, column, node.output.channels.lowerBound + channel)
                        let sum = value(of: node, source, row, column, channel)
                        let range = activation(of: node, channel).range
                        output.values[index] = min(
                            Double(range.upperBound),
                            max(Double(range.lowerBound), sum + (node.isAdded ? output.values[index] : 0)))
                    }
                }
            }
            tensors[node.output.tensor] = output
        }
        return tensors
    }

    /// The tensors that `layers` need, all ones: enough for the gradient of means whose decisions are known.
    func shapes(height: Int, width: Int, layers: [String]) -> [Int: Volume] {
        func ones(_ tensor: Int, _ height: Int, _ width: Int) -> Volume {
            var volume = Volume(height: height, width: width, channels: graph.tensors[tensor].channels)
            for index in volume.values.indices { volume.values[index] = 1 }
            return volume
        }
        var tensors = [graph.input: ones(graph.input, height, width)]
        for node in nodes(for: layers) where tensors[node.output.tensor] == nil {
            guard let source = tensors[node.input.tensor] else { continue }
            let (rows, columns) = outputSize(of: node, source)
            tensors[node.output.tensor] = ones(node.output.tensor, rows, columns)
        }
        return tensors
    }

    private func nodes(for layers: [String]) -> [Graph.Node] {
        graph.nodes(neededFor: Set(graph.layers.filter { layers.contains($0.name) }.map(\.tensor)))
    }

    private func outputSize(of node: Graph.Node, _ source: Volume) -> (Int, Int) {
        switch node.kind {
        case .convolution(let group):
            (
                group.padding.outputs(of: source.height, window: group.kernel.height, stride: group.stride),
                group.padding.outputs(of: source.width, window: group.kernel.width, stride: group.stride)
            )
        case .maxPool(let window, let stride, let padding):
            (
                padding.outputs(of: source.height, window: window, stride: stride),
                padding.outputs(of: source.width, window: window, stride: stride)
            )
        case .averagePool, .identity:
            (source.height, source.width)
        }
    }

    private func value(of node: Graph.Node, _ source: Volume, _ row: Int, _ column: Int, _ channel: Int) -> Double {
        let first = node.input.channels.lowerBound
        switch node.kind {
        case .convolution(let group):
            let (part, kernel, output) = part(of: group, channel)
            var sum = part.isActivated ? Double(kernel.bias[output]) : 0
            forEachTap(group, source, row, column) { y, x, tap in
                for (input, weight) in weights(of: group, part.convolution, kernel, tap: tap, output: output) {
                    sum += source.values[source.index(y, x, first + input)] * weight
                }
            }
            return sum
        case .maxPool(let window, let stride, let padding):
            let top = row * stride - padding.before(source.height, window: window, stride: stride)
            let left = column * stride - padding.before(source.width, window: window, stride: stride)
            var best = -Double.infinity
            for y in top..<top + window where (0..<source.height).contains(y) {
                for x in left..<left + window where (0..<source.width).contains(x) {
                    best = max(best, source.values[source.index(y, x, first + channel)])
                }
            }
            return best
        case .averagePool(let window, let countsPadding, let activation):
            let places = poolPlaces(source, row, column, window)
            let mean =
                places.reduce(0) { $0 + source.values[source.index($1.0, $1.1, first + channel)] }
                / Double(countsPadding ? window * window : places.count)
            guard let activation, let folded = folded[activation.name] else { return mean }
            return mean + Double(folded.bias[channel])
        case .identity:
            return source.values[source.index(row, column, first + channel)]
        }
    }

    /// What an output channel sees through one tap: input channels and their weights.
    private func weights(
        of group: ConvolutionGroup, _ convolution: Convolution, _ kernel: FoldedConvolution, tap: Int, output: Int
    ) -> [(input: Int, weight: Double)] {
        if group.isDepthwise { return [(output, Double(kernel.kernel[tap * convolution.outputs + output]))] }
        return (0..<group.inputs).map { input in
            (input, Double(kernel.kernel[(tap * group.inputs + input) * convolution.outputs + output]))
        }
    }

    /// The activation functions behind a tensor's channels.
    private func activations(of tensor: Int) -> [ActivationFunction] {
        var functions = [ActivationFunction](repeating: .none, count: graph.tensors[tensor].channels)
        for node in graph.nodes where node.output.tensor == tensor {
            for (index, channel) in node.output.channels.enumerated() {
                let function = activation(of: node, index)
                if function != .none { functions[channel] = function }
            }
        }
        return functions
    }

    /// The activation function behind an output channel of a node.
    private func activation(of node: Graph.Node, _ channel: Int) -> ActivationFunction {
        switch node.kind {
        case .convolution(let group):
            let part = part(of: group, channel).part
            return part.isActivated ? part.convolution.activation : .none
        case .averagePool(_, _, let convolution): return convolution?.activation ?? .none
        case .maxPool, .identity: return .none
        }
    }

    private func part(
        of group: ConvolutionGroup, _ channel: Int
    ) -> (part: ConvolutionGroup.Part, kernel: FoldedConvolution, output: Int) {
        var output = channel
        for part in group.parts {
            if output < part.convolution.outputs, let kernel = folded[part.convolution.name] {
                return (part, kernel, output)
            }
            output -= part.convolution.outputs
        }
        preconditionFailure("channel \(channel) is not one of \(group)")
    }

    private func forEachTap(
        _ group: ConvolutionGroup, _ source: Volume, _ row: Int, _ column: Int, _ body: (Int, Int, Int) -> Void
    ) {
        let (kernel, stride) = (group.kernel, group.stride)
        let top = row * stride - group.padding.before(source.height, window: kernel.height, stride: stride)
        let left = column * stride - group.padding.before(source.width, window: kernel.width, stride: stride)
        for y in 0..<kernel.height where (0..<source.height).contains(top + y) {
            for x in 0..<kernel.width where (0..<source.width).contains(left + x) {
                body(top + y, left + x, y * kernel.width + x)
            }
        }
    }

    private func poolPlaces(_ source: Volume, _ row: Int, _ column: Int, _ window: Int) -> [(Int, Int)] {
        let reach = window / 2
        return (row - reach...row + reach).flatMap { y in (column - reach...column + reach).map { (y, $0) } }
            .filter { (0..<source.height).contains($0.0) && (0..<source.width).contains($0.1) }
    }

    // MARK: Objective and backward

    /// The sum over the terms of weight times mean.
    func objective(_ terms: [GradientPlan.Term], _ tensors: [Int: Volume]) -> Double {
        terms.reduce(0) { sum, term in
            guard let layer = graph.layers.first(where: { $0.name == term.layer }), let volume = tensors[layer.tensor]
            else { return sum }
            return sum + term.weight * term.value(at: volume.channelMeans(of: term.measure))
        }
    }

    /// The objective's gradient with respect to the input.
    func gradient(
        _ terms: [GradientPlan.Term], shapes tensors: [Int: Volume], decisions: any Decisions
    ) -> [Double] {
        var gradients = tensors.mapValues { Volume(height: $0.height, width: $0.width, channels: $0.channels) }
        for term in terms {
            guard let layer = graph.layers.first(where: { $0.name == term.layer }),
                let channels = tensors[layer.tensor]?.channels
            else { continue }
            gradients[layer.tensor]?.values.withUnsafeMutableBufferPointer { values in
                let activations = tensors[layer.tensor]?.values ?? []
                let means = tensors[layer.tensor]?.channelMeans(of: term.measure) ?? []
                for channel in 0..<channels {
                    let derivative = term.weight * term.derivative(at: means, channel)
                    let pixels = Double(values.count / channels)
                    for index in stride(from: channel, to: values.count, by: channels) {
                        let inner = term.measure == .mean ? 1 : 2 * activations[index]
                        values[index] += derivative * inner / pixels
                    }
                }
            }
        }
        for node in nodes(for: terms.map(\.layer)).reversed() {
            guard let output = gradients[node.output.tensor], var input = gradients[node.input.tensor] else { continue }
            let activations = activations(of: node.output.tensor)
            gradients[node.input.tensor] = nil  // Its only owner is now `input`, so that it is not copied.
            for row in 0..<output.height {
                for column in 0..<output.width {
                    for channel in 0..<node.output.channels.count {
                        let place = node.output.channels.lowerBound + channel
                        let value = output.values[output.index(row, column, place)]
                        guard
                            activations[place] == .none || decisions.isOpen(node.output.tensor, row, column, place)
                        else { continue }
                        add(value, of: node, at: (row, column, channel), to: &input, decisions)
                    }
                }
            }
            gradients[node.input.tensor] = input
        }
        return gradients[graph.input]?.values ?? []
    }

    private func add(
        _ value: Double, of node: Graph.Node, at place: (row: Int, column: Int, channel: Int), to input: inout Volume,
        _ decisions: any Decisions
    ) {
        let (row, column, channel) = place
        let first = node.input.channels.lowerBound
        switch node.kind {
        case .convolution(let group):
            let (part, kernel, output) = part(of: group, channel)
            let shape = Volume(height: input.height, width: input.width, channels: 0)
            forEachTap(group, shape, row, column) { y, x, tap in
                let start = (y * input.width + x) * input.channels + first
                for (index, weight) in weights(of: group, part.convolution, kernel, tap: tap, output: output) {
                    input.values[start + index] += value * weight
                }
            }
        case .maxPool(let window, let stride, let padding):
            let choice = decisions.choice(node.output, row, column, channel)
            let y = row * stride + choice / window - padding.before(input.height, window: window, stride: stride)
            let x = column * stride + choice % window - padding.before(input.width, window: window, stride: stride)
            input.values[input.index(y, x, first + channel)] += value
        case .identity:
            input.values[input.index(row, column, first + channel)] += value
        case .averagePool(let window, let countsPadding, _):
            let places = poolPlaces(input, row, column, window)
            let count = Double(countsPadding ? window * window : places.count)
            for (y, x) in places {
                input.values[input.index(y, x, first + channel)] += value / count
            }
        }
    }
}
