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
        try checkContradictions()
        _ = try objective(in: model)
    }

    /// Checks that no field asks for what another one rules out.
    private func checkContradictions() throws(RecipeError) {
        func contradicts(_ field: String, _ reason: String) -> RecipeError {
            let value = Recipe.fields.first { $0.name == field }?.text(self) ?? ""
            return .contradiction(field: field, value: value, reason: reason)
        }
        if laplacian > 0, bands != [0] {
            throw contradicts("laplacian", "a gradient is split into bands or into a pyramid; give bands=0 too")
        }
        if parametrization == .fourier {
            guard bands == [0], laplacian == 0 else {
                throw contradicts(
                    "parametrization", "the frequencies' gradient is not split again; give bands=0 and laplacian=0 too")
            }
            if case .side = tile {
                throw contradicts("parametrization", "frequencies need the whole picture; give tile=auto or tile=off")
            }
        }
        if from == .noise {
            if detail == .restore {
                throw contradicts("detail", "from=noise has no photo whose detail could be restored")
            }
            if size == .original {
                throw contradicts("size", "from=noise has no photo; give a size such as 512x512")
            }
        }
    }
}
