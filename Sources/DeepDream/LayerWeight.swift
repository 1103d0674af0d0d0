import VisionNet

/// A layer of the objective, or channels of one, and its weight.
public struct LayerWeight: Hashable, Sendable {
    public var layer: String
    /// A channel's number, or the model's name for one or several; nil for the whole layer.
    public var channel: String?
    /// From -10⁶ to 10⁶, but not 0; a negative weight makes the layer fade.
    public var weight: Double

    public init(_ layer: String, channel: String? = nil, weight: Double = 1) {
        self.layer = layer
        self.channel = channel
        self.weight = weight
    }

    /// As people write it, without the weight: `mixed5`, `mixed5[17]`, `mixed5[butterfly]`.
    var name: String { layer + (channel.map { "[\($0)]" } ?? "") }

    /// The term of the objective that it stands for in a model.
    ///
    /// - Throws: `RecipeError.invalidValue` if the model lacks the layer, or the layer lacks the channel.
    func term(
        in model: VisionModel, diversity: Double, selectivity: Double
    ) throws(RecipeError) -> GradientPlan.Term {
        guard let known = model.layers.first(where: { $0.name == layer }) else {
            let allowed = model.layers.map(\.name).joined(separator: ", ")
            throw .invalidValue(field: "layers", value: name, allowed: allowed)
        }
        guard let channel else { return GradientPlan.Term(layer: layer, weight: weight, diversity: diversity) }
        let names = known.channelNames?.channels ?? [:]
        let number = Int(channel).flatMap { 0..<known.channels ~= $0 ? Set([$0]) : nil }
        guard let channels = number ?? names[channel] else {
            let allowed =
                ["\(layer)[0] to \(layer)[\(known.channels - 1)]"] + names.keys.sorted().map { "\(layer)[\($0)]" }
            throw .invalidValue(field: "layers", value: name, allowed: allowed.joined(separator: ", "))
        }
        return GradientPlan.Term(
            layer: layer, channels: channels, weight: weight, diversity: diversity, selectivity: selectivity)
    }
}
