/// What a layer of a network has found in a picture.
public struct LayerActivations: Sendable {
    public let layer: String
    /// The rows and columns of the layer's grid, and its channels.
    public let height, width, channels: Int
    /// `[row][column][channel]`.
    public let values: [Float]

    /// A channel's values, row by row.
    ///
    /// - Precondition: the layer has the channel.
    public func map(ofChannel channel: Int) -> [Float] {
        stride(from: channel, to: values.count, by: channels).map { values[$0] }
    }
}

extension Workspace {
    /// The activations of layers for a picture: the forward pass alone. The workspace's earlier plan must not be used
    /// any more.
    ///
    /// - Parameters:
    ///   - layers: the names of at least one layer.
    ///   - picture: RGB in [-1, 1], row by row.
    ///   - height: the picture's height, at least the model's `smallestSide`.
    ///   - width: the picture's width, at least the model's `smallestSide`.
    /// - Returns: the activations by the layers' names.
    /// - Throws: `ModelError.noLayers`, `.unknownLayer`, `.inputTooSmall`, or an error if the model's file lacks a
    ///   tensor; `CancellationError` if `isCancelled`.
    public func activations(
        of layers: [String], picture: [Float], height: Int, width: Int
    ) throws -> [String: LayerActivations] {
        precondition(picture.count == 3 * height * width)
        guard !layers.isEmpty else { throw ModelError.noLayers }
        let graph = options.fusesNodes ? model.fusedGraph : model.graph
        let wanted = try layers.map { name in
            guard let layer = graph.layers.first(where: { $0.name == name }) else {
                throw ModelError.unknownLayer(name, known: graph.layers.map(\.name))
            }
            return layer
        }
        let plan = try plan(height: height, width: width, keeping: Set(wanted.map(\.tensor)))
        _ = plan.input.update(fromContentsOf: picture)
        plan.run()
        guard !isCancelled() else { throw CancellationError() }
        var found: [String: LayerActivations] = [:]
        for (name, tensor) in wanted {
            found[name] = plan.activations(of: tensor, layer: name)
        }
        return found
    }
}
