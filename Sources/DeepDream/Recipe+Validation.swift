import VisionNet

extension Recipe {
    /// Checks that every field has an allowed value (properties can be set to any), that the model has the layers, and
    /// that this processor has the precision.
    ///
    /// - Throws: `RecipeError.invalidValue` for the first field with a value that is not allowed, or layer that the
    ///   model lacks.
    public func validate(for model: VisionModel) throws(RecipeError) {
        for field in Recipe.fields {
            guard field.isAllowed(self) else {
                throw .invalidValue(field: field.name, value: field.text(self), allowed: field.allowed)
            }
        }
        guard precision.isAvailable else {
            let available = Precision.allCases.filter(\.isAvailable).map(\.rawValue).joined(separator: " or ")
            throw .invalidValue(
                field: "precision", value: precision.rawValue,
                allowed: "\(available); fast needs a processor with products of bfloat16")
        }
        _ = try objective(in: model)
    }
}
