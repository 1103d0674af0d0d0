import Glibc
import Logging
import ModelLibrary
import VisionNet

extension ModelCatalog {
    /// Loads the configured default model and all other models that are found. If one of the others cannot be loaded,
    /// it is left out with a warning in the log.
    ///
    /// - Throws: why the default model cannot be loaded.
    init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        // The setting `models` already takes the variable into account.
        let library = ModelLibrary(
            directories: ModelLibrary.defaultDirectories { name in
                name == "DEEPDREAM_MODELS" ? configuration.models : getenv(name).map { String(cString: $0) }
            })
        let nameOrFile = configuration.model ?? library.defaultModel
        let location = try library.location(ofModelOrFile: nameOrFile)
        let known = library.list()
        let model = try library.model(nameOrFile: nameOrFile)
        let name = known.first { $0.location == location }?.name ?? model.name
        let others = known.filter { $0.location != location }.compactMap { entry -> Entry? in
            do {
                return try Entry(name: entry.name, model: library.model(named: entry.name))
            } catch {
                logger.warning(
                    "model left out", metadata: ["model": "\(entry.name)", "reason": "\(error)"])
                return nil
            }
        }
        try self.init(
            default: Entry(name: name, model: model), others: others, presets: configuration.presets)
    }
}
