import VisionNet

/// The decisions of the naive forward pass itself.
struct NaiveDecisions: NaiveNetwork.Decisions {
    let graph: Graph
    let tensors: [Int: NaiveNetwork.Volume]

    func isOpen(_ tensor: Int, _ row: Int, _ column: Int, _ channel: Int) -> Bool {
        guard let volume = tensors[tensor] else { return false }
        // Clipping sets values to just the bounds.
        let value = volume.values[volume.index(row, column, channel)]
        return value > 0 && (value < 6 || !clipsAtSix(tensor))
    }

    private func clipsAtSix(_ tensor: Int) -> Bool {
        graph.nodes.contains { node in
            guard node.output.tensor == tensor, case .convolution(let group) = node.kind else { return false }
            return group.parts.contains { $0.convolution.activation == .relu6 }
        }
    }

    func choice(_ output: Graph.Slice, _ row: Int, _ column: Int, _ channel: Int) -> Int {
        guard let node = graph.nodes.first(where: { $0.output == output }),
            case .maxPool(let window, let stride, let padding) = node.kind,
            let source = tensors[node.input.tensor]
        else { return 0 }
        let first = node.input.channels.lowerBound
        let top = row * stride - padding.before(source.height, window: window, stride: stride)
        let left = column * stride - padding.before(source.width, window: window, stride: stride)
        var best = 0
        func value(_ element: Int) -> Double {
            let (y, x) = (top + element / window, left + element % window)
            guard (0..<source.height).contains(y), (0..<source.width).contains(x) else { return -.infinity }
            return source.values[source.index(y, x, first + channel)]
        }
        for element in 1..<window * window where value(element) > value(best) { best = element }
        return best
    }
}
