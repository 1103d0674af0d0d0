import ModelLibrary
import VisionNet

/// Finds models as people name them.
enum Models {
    /// - Parameter nameOrFile: a model's name, or the path of a model file.
    static func load(_ nameOrFile: String) throws -> VisionModel {
        try ModelLibrary().model(nameOrFile: nameOrFile)
    }
}
