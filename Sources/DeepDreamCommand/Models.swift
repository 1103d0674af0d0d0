import ModelLibrary
import VisionNet

/// Loads the models that users name on the command line.
enum Models {
    /// - Parameter nameOrFile: a model's name, or the path of a model file.
    static func load(_ nameOrFile: String) throws -> VisionModel {
        try ModelLibrary().model(nameOrFile: nameOrFile)
    }
}
