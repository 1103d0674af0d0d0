import VisionNet

/// The decisions of the naive forward pass itself.
struct NaiveDecisions: NaiveNetwork.Decisions {
    let graph: Graph
    let tensors: [Int: NaiveNetwork.Volume]

    func isOpen(_ tensor: Int, _ row: Int, _ column: Int, _ channel: Int) -> Bool {
        guard let volume = tensors[tensor] else { return false }
        return volume.values[volume.index(row, column, channel)] > 0
    }

    func choice(_ output: Graph.Slice, _ row: Int, _ column: Int, _ channel: Int) -> Int {
        guard let node = graph.nodes.first(where: { $0.output == output }),
            case .maxPool(let window, let stride) = node.kind,
            let source = tensors[node.input.tensor]
        else { return 0 }
        let first = node.input.channels.lowerBound
        var best = 0
        func value(_ element: Int) -> Double {
            source.values[
                source.index(row * stride + element / window, column * stride + element % window, first + channel)]
        }
        for element in 1..<window * window where value(element) > value(best) { best = element }
        return best
    }
}
