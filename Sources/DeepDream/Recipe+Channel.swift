import VisionNet

extension Recipe {
    /// The recipe for the picture of what a channel looks for: a small dream from noise, the same for every channel.
    ///
    /// - Parameters:
    ///   - channel: the channel's number.
    ///   - layer: the layer's name.
    ///   - model: the model, which must have both.
    ///   - name: the name by which the recipe shall call the model.
    /// - Throws: `RecipeError.invalidValue` if the model lacks the layer or the layer the channel.
    public static func picture(
        ofChannel channel: Int, layer: String, in model: VisionModel, named name: String
    ) throws(RecipeError) -> Recipe {
        var recipe = Recipe.plain(model: name)
        try recipe.apply(pairs(of: channelFields))
        recipe.layers = [LayerWeight(layer, channel: String(channel))]
        try recipe.validate(for: model)
        return recipe
    }

    /// Chosen by looking at channels of early and late layers. Without the penalty for variation, late ones are noisy.
    private static let channelFields =
        "from=noise&size=160x160&steps=48&step_size=0.025&octaves=4&octave_scale=1.6&jitter=16&bands=0,1,4"
        + "&total_variation=0.08&color_decorrelation=1&seed=1&quality=85"
}
