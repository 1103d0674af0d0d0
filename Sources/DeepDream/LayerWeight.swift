import VisionNet

/// A layer of the objective, or channels of one, and its weight.
public struct LayerWeight: Hashable, Sendable {
    public var layer: String
    /// A channel's number, or the model's name for one or several, or several of these joined by `+`; nil for the whole
    /// layer.
    public var channel: String?
    /// The place in the picture whose activations alone count; nil for all of them.
    public var position: GradientPlan.Term.Position?
    /// What of its activations counts.
    public var measure: GradientPlan.Term.Measure
    /// From -10⁶ to 10⁶, but not 0; a negative weight makes the layer fade.
    public var weight: Double

    public init(
        _ layer: String, channel: String? = nil, position: GradientPlan.Term.Position? = nil,
        measure: GradientPlan.Term.Measure = .mean, weight: Double = 1
    ) {
        self.layer = layer
        self.channel = channel
        self.position = position
        self.measure = measure
        self.weight = weight
    }

    /// As people write it, without the weight: `mixed5`, `mixed5[17+18]`, `mixed5[butterfly]:l2`, `mixed5[3]@0.5x0.5`.
    var name: String {
        let place = position.map { "@\(Text.of(number: $0.x))x\(Text.of(number: $0.y))" } ?? ""
        return layer + (channel.map { "[\($0)]" } ?? "") + place + (measure == .mean ? "" : ":\(measure.text)")
    }

    /// The term of the objective that it stands for in a model.
    ///
    /// - Throws: `RecipeError.invalidValue` if the model lacks the layer, or the layer lacks the channel.
    func term(
        in model: VisionModel, diversity: Double, selectivity: Double
    ) throws(RecipeError) -> GradientPlan.Term {
        let (layer, channel) = located(in: model)
        guard let known = model.layers.first(where: { $0.name == layer }) else {
            throw .invalidValue(field: "layers", value: name, allowed: Self.allowedLayers(of: model, insteadOf: layer))
        }
        if measure == .guide, channel != nil || position != nil {
            throw .invalidValue(
                field: "layers", value: name, allowed: "\(layer):guide: a guide is matched by all of a layer's channels"
            )
        }
        if measure != .mean, position != nil {
            throw .invalidValue(field: "layers", value: name, allowed: "the mean at a position, without ':l2'")
        }
        guard let channel else {
            guard measure != .mean || known.isRectified else {
                throw .invalidValue(
                    field: "layers", value: name,
                    allowed: "\(layer):l2, or a channel such as \(layer)[0]; without a ReLU, as here, the mean of a "
                        + "whole layer is no goal, since its channels go below zero as much as above")
            }
            return GradientPlan.Term(
                layer: layer, measure: measure, position: position, weight: weight, diversity: diversity)
        }
        var channels: Set<Int> = []
        for part in channel.split(separator: "+", omittingEmptySubsequences: false).map(String.init) {
            let number = Int(part).flatMap { 0..<known.channels ~= $0 ? Set([$0]) : nil }
            guard let found = number ?? known.channelNames?.channels(named: part) else {
                throw .invalidValue(
                    field: "layers", value: name, allowed: Self.allowedChannels(of: known, insteadOf: part))
            }
            channels.formUnion(found)
        }
        return GradientPlan.Term(
            layer: layer, measure: measure, channels: channels, position: position, weight: weight,
            diversity: diversity, selectivity: selectivity)
    }

    /// The layer and the channel; for the name of a channel alone, such as `sunflower`, the only layer that has it.
    private func located(in model: VisionModel) -> (layer: String, channel: String?) {
        guard channel == nil, !model.layers.contains(where: { $0.name == layer }) else { return (layer, channel) }
        let having = model.layers.filter { $0.channelNames?.channels(named: layer) != nil }
        return having.count == 1 ? (having[0].name, layer) : (layer, nil)
    }

    /// A model's layers for an error, after the channel that has the name that was given.
    private static func allowedLayers(of model: VisionModel, insteadOf given: String) -> String {
        let layers = model.layers.map(\.name).joined(separator: ", ")
        let owners = model.layers.filter { $0.channelNames?.channels(named: given) != nil }
        guard !owners.isEmpty else { return layers }
        return owners.map { "\($0.name)[\(given)]" }.joined(separator: ", ") + "; the layers are \(layers)"
    }

    /// A layer's channels for an error: their numbers, and of many names only those like the one that was given.
    private static func allowedChannels(of layer: VisionModel.Layer, insteadOf given: String) -> String {
        let mostNames = 100
        let numbers = "\(layer.name)[0] to \(layer.name)[\(layer.channels - 1)]"
        guard let names = layer.channelNames else { return numbers }
        func listed(_ names: [String]) -> String {
            ([numbers] + names.map { "\(layer.name)[\($0)]" }).joined(separator: ", ")
        }
        guard names.channels.count > mostNames else { return listed(names.channels.keys.sorted()) }
        let similar = names.similar(to: given)
        return similar.isEmpty
            ? "\(numbers), or one of the layer's \(names.channels.count) names, which GET /models lists"
            : listed(similar)
    }
}
