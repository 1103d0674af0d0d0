extension VisionModel {
    /// How many floating-point operations a gradient of these layers takes: two for each product of a convolution and
    /// one for each element of a pool's windows, forward and as many again backward.
    ///
    /// This is what the network describes. A plan can take fewer (Winograd's algorithm), and its speed depends on the
    /// kind of work; so compare numbers of one model only, or measure its speed.
    ///
    /// - Parameters:
    ///   - layers: names of layers; unknown ones are ignored.
    ///   - width: of the input, in pixels.
    ///   - height: of the input, in pixels.
    public func operations(ofLayers layers: Set<String>, width: Int, height: Int) -> Double {
        let wanted = Set(graph.layers.filter { layers.contains($0.name) }.map(\.tensor))
        var sizes = [graph.input: (height: height, width: width)]
        var sum = 0.0
        for node in graph.nodes(neededFor: wanted) {
            guard let input = sizes[node.input.tensor] else { continue }
            let output = node.outputSize(of: input)
            sizes[node.output.tensor] = output
            sum += node.operationsPerPixel * Double(output.height) * Double(output.width)
        }
        return 2 * sum
    }
}

extension Graph.Node {
    fileprivate func outputSize(of input: (height: Int, width: Int)) -> (height: Int, width: Int) {
        switch kind {
        case .convolution(let group):
            (
                group.padding.outputs(of: input.height, window: group.kernel.height, stride: group.stride),
                group.padding.outputs(of: input.width, window: group.kernel.width, stride: group.stride)
            )
        case .maxPool(let window, let stride, let padding):
            (
                padding.outputs(of: input.height, window: window, stride: stride),
                padding.outputs(of: input.width, window: window, stride: stride)
            )
        case .averagePool, .identity: input
        }
    }

    /// For one pixel of the output.
    fileprivate var operationsPerPixel: Double {
        switch kind {
        case .convolution(let group):
            2 * Double(group.kernel.height * group.kernel.width * group.inputsPerOutput) * Double(group.outputs)
        case .maxPool(let window, _, _), .averagePool(let window, _, _):
            Double(window * window * output.channels.count)
        case .identity: Double(output.channels.count)
        }
    }
}
