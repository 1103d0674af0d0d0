import VisionNet

extension Recipe {
    /// The objective in a model.
    ///
    /// - Throws: `RecipeError.invalidValue` for the first layer or channel that the model lacks.
    public func objective(in model: VisionModel) throws(RecipeError) -> [GradientPlan.Term] {
        var terms: [GradientPlan.Term] = []
        for layer in layers {
            terms.append(try layer.term(in: model, diversity: diversity, selectivity: selectivity))
        }
        return terms
    }
}
