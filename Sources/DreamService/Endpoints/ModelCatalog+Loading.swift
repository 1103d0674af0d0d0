import Glibc
import Logging
import ModelLibrary
import VisionNet

extension ModelCatalog {
    /// The default model of the configuration, and whatever else the library has.
    ///
    /// - Throws: why the default cannot be loaded. Of the others, one that cannot is left out, with a warning.
    init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        // The setting, which has more sources, stands for the variable that the library would read.
        let library = ModelLibrary(
            directories: ModelLibrary.defaultDirectories { name in
                name == "DEEPDREAM_MODELS" ? configuration.models : getenv(name).map { String(cString: $0) }
            })
        let location = try library.location(ofModelOrFile: configuration.model)
        let known = library.list()
        let model = try library.model(nameOrFile: configuration.model)
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
        try self.init(default: Entry(name: name, model: model), others: others)
    }
}
