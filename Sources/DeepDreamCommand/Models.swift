import DeepDream
import ModelLibrary
import VisionNet

/// Loads the models that users name on the command line.
enum Models {
    /// - Parameter nameOrFile: a model's name, or the path of a model file.
    static func load(_ nameOrFile: String) throws -> VisionModel {
        try ModelLibrary().model(nameOrFile: nameOrFile)
    }

    /// - Parameters:
    ///   - nameOrFile: as in ``load(_:)``; nil for a model that the preset was made for, or the default.
    /// - Throws: `RecipeError.invalidValue` if no model of the preset's network is installed.
    static func load(_ nameOrFile: String?, preset: Preset?) throws -> VisionModel {
        let library = ModelLibrary()
        if let nameOrFile { return try library.model(nameOrFile: nameOrFile) }
        guard let name = preset?.network else { return try library.model(named: library.defaultModel) }
        guard let model = try library.model(of: Network.named(name)) else {
            throw RecipeError.invalidValue(
                field: "preset", value: preset?.name ?? "",
                allowed: "presets of installed networks; to install this one: deepdream model fetch \(name)")
        }
        return try library.model(named: model)
    }
}
