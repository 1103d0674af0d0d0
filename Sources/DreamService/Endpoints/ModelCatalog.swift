import DeepDream
import VisionNet

/// The models that the service has loaded.
package struct ModelCatalog: Sendable {
    package struct Entry: Sendable {
        /// The name by which requests choose the model.
        package let name: String
        package let model: VisionModel
        /// The recipe that the model's metadata recommends. Requests change single fields of it.
        package let recommended: Recipe
        /// Identifies the model's weights.
        package let weights: String

        /// - Throws: `RecipeError` if the model cannot run the recipe that it recommends.
        package init(name: String, model: VisionModel) throws {
            self.name = name
            self.model = model
            var recipe = try Recipe.recommended(for: model)
            recipe.model = name
            recommended = recipe
            weights = model.weightsIdentity
        }
    }

    /// The models, the default first.
    package let entries: [Entry]
    /// What the field `preset` can name: the program's presets, then the users' own.
    package let presets: [Preset]

    /// The model for requests that do not name one.
    package var defaultEntry: Entry { entries[0] }

    /// - Parameters:
    ///   - others: the other models. One with the same name as a model before it is left out.
    ///   - presets: users' own presets.
    /// - Throws: `ConfigurationError.invalidPreset` if no model here can dream one of them.
    package init(
        default entry: Entry, others: [Entry] = [], presets: [ConfiguredPreset] = []
    ) throws(ConfigurationError) {
        self.presets = Preset.all + presets.map(\.preset)
        entries = others.reduce(into: [entry]) { entries, other in
            if !entries.contains(where: { $0.name == other.name }) { entries.append(other) }
        }
        for preset in presets {
            do throws(RecipeError) {
                let entry = try self.entry(for: preset.preset)
                var recipe = entry.recommended
                try recipe.apply([("preset", preset.name)], presets: self.presets)
                try recipe.validate(for: entry.model)
            } catch {
                throw preset.error("\(error)")
            }
        }
    }

    /// Finds a model that a preset was made for: the one that it names, or the default model, if its network fits.
    ///
    /// - Throws: `RecipeError.invalidValue` if there is no such model, or none of the preset's network.
    package func entry(for preset: Preset) throws(RecipeError) -> Entry {
        if let name = preset.model { return try entry(named: name) }
        guard let network = preset.network, network != defaultEntry.model.network.name else {
            return defaultEntry
        }
        let fitting = entries.filter { $0.model.network.name == network }
        guard let entry = fitting.first(where: { $0.name == network }) ?? fitting.first else {
            let possible = Preset.all.filter { preset in
                entries.contains { preset.network == nil || preset.network == $0.model.network.name }
            }
            throw .invalidValue(
                field: "preset", value: preset.name,
                allowed: "\(possible.map(\.name).joined(separator: ", ")); this one needs \(network), which the "
                    + "service does not have: its operator can install it with 'deepdream model fetch \(network)' and "
                    + "restart it")
        }
        return entry
    }

    /// Finds a model by its name.
    ///
    /// - Throws: `RecipeError.invalidValue` with the names of all models if there is none with this name.
    package func entry(named name: String) throws(RecipeError) -> Entry {
        guard let entry = entries.first(where: { $0.name == name }) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw .invalidValue(field: "model", value: name, allowed: names)
        }
        return entry
    }
}
