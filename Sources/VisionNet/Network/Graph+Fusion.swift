/// Rewrites the graph to fewer, larger or cheaper nodes. The results stay the same but for rounding.
extension Graph {
    package func fused() -> Graph {
        var graph = self
        graph.movePoolsBehindConvolutions()
        graph.mergeSiblings()
        return graph
    }

    /// An average pool and the 1×1 convolution after it can be swapped, as both are linear: pooling the convolution's
    /// few outputs is cheaper. Bias and ReLU stay after the pool; the bias may, as a pool leaves a constant unchanged.
    private mutating func movePoolsBehindConvolutions() {
        for index in nodes.indices {
            guard case .averagePool(let window, let countsPadding, nil) = nodes[index].kind else { continue }
            let pooled = nodes[index].output
            let readers = nodes.indices.filter { nodes[$0].input.tensor == pooled.tensor }
            guard readers.count == 1, !isLayer(pooled.tensor),
                case .convolution(let group) = nodes[readers[0]].kind, group.isPointwise,
                group.outputs < group.inputs, !nodes[readers[0]].isAdded
            else { continue }
            let convolution = group.parts[0].convolution
            let projected = makeTensor(group.outputs)
            let linear = ConvolutionGroup([.init(convolution: convolution, isActivated: false)])
            let output = nodes[readers[0]].output
            nodes[readers[0]] = Node(
                kind: .averagePool(window: window, countsPadding: countsPadding, activation: convolution),
                input: projected, output: output)
            nodes[index] = Node(kind: .convolution(linear), input: nodes[index].input, output: projected)
        }
    }

    /// Merges the 1×1 convolutions that read the same channels into one. Those that write into a concatenation stay
    /// separate, as their outputs have a fixed place there.
    private mutating func mergeSiblings() {
        var merged: [Node] = []
        var moved: [Slice: Slice] = [:]
        var done: Set<Int> = []
        for index in nodes.indices where !done.contains(index) {
            let siblings = nodes.indices.filter { isMergeable($0) && nodes[$0].input == nodes[index].input }
            guard siblings.first == index, siblings.count > 1 else {
                merged.append(nodes[index])
                continue
            }
            let groups = siblings.compactMap { sibling -> ConvolutionGroup? in
                if case .convolution(let group) = nodes[sibling].kind { group } else { nil }
            }
            let common = makeTensor(groups.reduce(0) { $0 + $1.outputs })
            var first = 0
            for sibling in siblings {
                let old = nodes[sibling].output
                moved[old] = Slice(tensor: common.tensor, channels: first..<first + old.channels.count)
                first += old.channels.count
            }
            merged.append(
                Node(
                    kind: .convolution(ConvolutionGroup(groups.flatMap(\.parts))), input: nodes[index].input,
                    output: common))
            done.formUnion(siblings)
        }
        nodes = merged.map { node in
            var node = node
            node.input = moved[node.input] ?? node.input
            return node
        }
    }

    /// Whether a node is a 1×1 convolution whose output tensor belongs to it alone; nothing is added to it, either.
    private func isMergeable(_ index: Int) -> Bool {
        guard case .convolution(let group) = nodes[index].kind, group.isPointwise, !nodes[index].isAdded else {
            return false
        }
        let output = nodes[index].output
        let writers = nodes.count { $0.output.tensor == output.tensor }
        return output == whole(output.tensor) && writers == 1 && !isLayer(output.tensor)
    }

    private func isLayer(_ tensor: TensorID) -> Bool {
        layers.contains { $0.tensor == tensor }
    }
}

extension ConvolutionGroup {
    /// Whether each output pixel depends only on the input pixel at the same place.
    var isPointwise: Bool { kernel == 1 && stride == 1 && !isDepthwise }
}
