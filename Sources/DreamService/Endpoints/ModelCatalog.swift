import DeepDream
import ModelLibrary
import VisionNet

/// The models that the service dreams with, all loaded.
package struct ModelCatalog: Sendable {
    package struct Entry: Sendable {
        package let model: VisionModel
        /// What its metadata recommends, the base of every request's recipe.
        package let recommended: Recipe
    }

    /// The default first.
    package let entries: [Entry]

    /// The model of requests that name none.
    package var defaultEntry: Entry { entries[0] }

    /// - Parameters:
    ///   - model: the default.
    ///   - others: the rest; one with the name of another model before it is left out.
    /// - Throws: `RecipeError` where a model recommends a recipe it cannot run.
    package init(default model: VisionModel, others: [VisionModel] = []) throws {
        var entries: [Entry] = []
        for model in [model] + others where !entries.contains(where: { $0.model.name == model.name }) {
            entries.append(Entry(model: model, recommended: try .recommended(for: model)))
        }
        self.entries = entries
    }

    /// The default model of the configuration, those of its directory, and the embedded one.
    ///
    /// - Throws: why one of them cannot be loaded: a service should not start with a part of its models.
    init(_ configuration: ServiceConfiguration) throws {
        let directory = configuration.modelsDirectory
        let library = directory.isEmpty ? ModelLibrary() : ModelLibrary(directories: [directory])
        let others = directory.isEmpty ? [] : try library.list().map { try library.model(named: $0.name) }
        try self.init(default: library.model(named: configuration.model), others: others + [.embedded()])
    }

    /// The model of this name.
    ///
    /// - Throws: `RecipeError.invalidValue` that lists the names there are.
    package func entry(named name: String) throws(RecipeError) -> Entry {
        guard let entry = entries.first(where: { $0.model.name == name }) else {
            let names = entries.map(\.model.name).joined(separator: ", ")
            throw .invalidValue(field: "model", value: name, allowed: names)
        }
        return entry
    }
}
