import DeepDream
import VisionNet

/// The models that the service dreams with.
package struct ModelCatalog: Sendable {
    package struct Entry: Sendable {
        /// What requests call it by.
        package let name: String
        package let model: VisionModel
        /// What its metadata recommends, the base of every request's recipe.
        package let recommended: Recipe

        /// - Throws: `RecipeError` where the model recommends a recipe that it cannot run.
        package init(name: String, model: VisionModel) throws {
            self.name = name
            self.model = model
            var recipe = try Recipe.recommended(for: model)
            recipe.model = name
            recommended = recipe
        }
    }

    /// The default first.
    package let entries: [Entry]

    /// The model of requests that name none.
    package var defaultEntry: Entry { entries[0] }

    /// - Parameter others: the rest; one with the name of another before it is left out.
    package init(default entry: Entry, others: [Entry] = []) {
        entries = others.reduce(into: [entry]) { entries, other in
            if !entries.contains(where: { $0.name == other.name }) { entries.append(other) }
        }
    }

    /// The model of this name.
    ///
    /// - Throws: `RecipeError.invalidValue` that lists the names there are.
    package func entry(named name: String) throws(RecipeError) -> Entry {
        guard let entry = entries.first(where: { $0.name == name }) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw .invalidValue(field: "model", value: name, allowed: names)
        }
        return entry
    }
}
