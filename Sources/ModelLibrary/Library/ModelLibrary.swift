import Glibc
import VisionNet

/// The available models: the embedded one, and the files `NAME.safetensors` in some directories.
public struct ModelLibrary: Sendable {
    /// A name that always means the model built into the binary.
    public static let embeddedName = "embedded"

    /// The directories to search, in this order. A file in an earlier one hides files of the same name in later ones,
    /// and the embedded model. They need not exist.
    public let directories: [String]

    public init(directories: [String] = ModelLibrary.defaultDirectories()) {
        self.directories = directories
    }

    /// The directories of `DEEPDREAM_MODELS` (separated by colons), then the user's `deepdream/models` in
    /// `XDG_DATA_HOME` (by default `~/.local/share`), then `/var/lib/deepdream/models`, then those of the package in
    /// `/usr/share/deepdream/models`.
    ///
    /// - Parameter variable: reads a variable of the environment.
    public static func defaultDirectories(
        variable: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) -> [String] {
        func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        var directories = value("DEEPDREAM_MODELS")?.split(separator: ":").map(String.init) ?? []
        // The XDG specification says that relative paths are to be ignored.
        if let data = value("XDG_DATA_HOME"), data.hasPrefix("/") {
            directories.append("\(data)/deepdream/models")
        } else if let home = value("HOME") {
            directories.append("\(home)/.local/share/deepdream/models")
        }
        directories += ["/var/lib/deepdream/models", "/usr/share/deepdream/models"]
        return directories
    }

    // MARK: Finding

    /// The models, sorted by name; only headers are read.
    public func list() -> [ModelEntry] {
        var found: [String: ModelEntry.Location] = [:]
        for directory in directories {
            for file in Self.fileNames(in: directory) where file.hasSuffix(ModelName.fileExtension) {
                let name = ModelName.stem(of: file)
                guard ModelName.isValid(name), name != Self.embeddedName, found[name] == nil else { continue }
                found[name] = .file("\(directory)/\(file)")
            }
        }
        if let name = Self.nameOfEmbedded, found[name] == nil { found[name] = .embedded }
        return found.sorted { $0.key < $1.key }.map { name, location in
            ModelEntry(name: name, location: location, summary: Self.summary(at: location))
        }
    }

    /// Where the model of this name is. The name is never used as a path.
    ///
    /// - Throws: `ModelLibraryError` if the name is not valid or there is no such model.
    public func location(ofModel name: String) throws -> ModelEntry.Location {
        guard ModelName.isValid(name) else { throw ModelLibraryError.invalidName(name) }
        if name == Self.embeddedName { return .embedded }
        for directory in directories {
            let path = "\(directory)/\(name)\(ModelName.fileExtension)"
            if access(path, F_OK) == 0 { return .file(path) }
        }
        if name == Self.nameOfEmbedded { return .embedded }
        throw ModelLibraryError.unknownModel(name, known: list().map(\.name), directories: directories)
    }

    /// Where a model is that a command line gives by name or by file. Text with a slash or the extension `.safetensors`
    /// is a file.
    ///
    /// - Throws: `ModelLibraryError`, also for files of other programs, which must be imported first.
    public func location(ofModelOrFile text: String) throws -> ModelEntry.Location {
        if text.hasSuffix(ModelName.fileExtension) { return .file(text) }
        if ModelImporter.fileExtensions.contains(where: text.hasSuffix), access(text, F_OK) == 0 {
            throw ModelLibraryError.notImported(file: text)
        }
        return text.contains("/") ? .file(text) : try location(ofModel: text)
    }

    /// The model that dreams when nobody names one: EfficientNet-Lite0 if it is installed, otherwise the embedded one.
    public var defaultModel: String { model(of: .efficientNetLite0) ?? Self.embeddedName }

    /// The name of a model of this network: the one called like the network, or any other, the embedded one last.
    public func model(of network: Network) -> String? {
        let fitting = list().filter { (try? $0.summary.get())?.network.name == network.name }
        let installed = fitting.filter { $0.location != .embedded }
        return (installed.first { $0.name == network.name } ?? installed.first ?? fitting.first)?.name
    }

    // MARK: Loading

    /// Loads the model of this name.
    ///
    /// - Throws: `ModelLibraryError` if there is none, `ModelError` if its file is not valid.
    public func model(named name: String) throws -> VisionModel {
        try Self.load(location(ofModel: name))
    }

    /// Loads a model by its name or its file; see ``location(ofModelOrFile:)``.
    public func model(nameOrFile text: String) throws -> VisionModel {
        try Self.load(location(ofModelOrFile: text))
    }

    /// Reads all data of a model, given by its name or its file, and verifies its checksum.
    ///
    /// - Throws: the errors of ``model(named:)``.
    public func inspect(nameOrFile text: String) throws -> ModelInspection {
        let location = try location(ofModelOrFile: text)
        return try ModelInspection(Self.file(at: location), location: location)
    }

    private static func load(_ location: ModelEntry.Location) throws -> VisionModel {
        switch location {
        case .embedded: try .embedded()
        case .file(let path): try VisionModel(contentsOf: path)
        }
    }

    private static func file(at location: ModelEntry.Location) throws -> SafetensorsFile {
        switch location {
        case .embedded: try .embedded()
        case .file(let path): try SafetensorsFile(path: path)
        }
    }

    private static func summary(at location: ModelEntry.Location) -> Result<ModelSummary, ModelError> {
        do {
            return .success(try ModelSummary(file(at: location)))
        } catch let error as ModelError {
            return .failure(error)
        } catch {
            return .failure(.unreadable(file: "\(location)", reason: "\(error)"))
        }
    }

    /// The name in the embedded model's header.
    private static let nameOfEmbedded = try? ModelSummary(SafetensorsFile.embedded()).name

    private static func fileNames(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }
}
