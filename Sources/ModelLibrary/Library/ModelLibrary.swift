import Glibc
import VisionNet

/// The models to be had: the embedded one, and the files `NAME.safetensors` of some directories.
public struct ModelLibrary: Sendable {
    /// A name that always means the model built into the binary.
    public static let embeddedName = "embedded"

    /// Searched in this order; a file of an earlier directory hides those of the same name in later ones, and the
    /// embedded model. They need not exist.
    public let directories: [String]

    public init(directories: [String] = ModelLibrary.defaultDirectories()) {
        self.directories = directories
    }

    /// The directories of `DEEPDREAM_MODELS` (separated by colons), then the user's `deepdream/models` in
    /// `XDG_DATA_HOME` (by default `~/.local/share`), then `/var/lib/deepdream/models`.
    ///
    /// - Parameter variable: reads a variable of the environment.
    public static func defaultDirectories(
        variable: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) -> [String] {
        func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        var directories = value("DEEPDREAM_MODELS")?.split(separator: ":").map(String.init) ?? []
        // The XDG specification has relative paths ignored.
        if let data = value("XDG_DATA_HOME"), data.hasPrefix("/") {
            directories.append("\(data)/deepdream/models")
        } else if let home = value("HOME") {
            directories.append("\(home)/.local/share/deepdream/models")
        }
        directories.append("/var/lib/deepdream/models")
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

    /// Where the model of this name is. A name is never taken for a path.
    ///
    /// - Throws: `ModelLibraryError`.
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

    /// As ``location(ofModel:)``, for a command line, where the model may also be a file: anything with a slash or
    /// the extension `.safetensors` is one.
    public func location(ofModelOrFile text: String) throws -> ModelEntry.Location {
        let isPath = text.contains("/") || text.hasSuffix(ModelName.fileExtension)
        return isPath ? .file(text) : try location(ofModel: text)
    }

    // MARK: Loading

    /// Loads the model of this name.
    ///
    /// - Throws: `ModelLibraryError` where there is none, `ModelError` where its file is not sound.
    public func model(named name: String) throws -> VisionModel {
        try Self.load(location(ofModel: name))
    }

    /// Loads a model by its name or its file; see ``location(ofModelOrFile:)``.
    public func model(nameOrFile text: String) throws -> VisionModel {
        try Self.load(location(ofModelOrFile: text))
    }

    /// Reads all of a model, given by its name or its file, and checks it against its checksum.
    ///
    /// - Throws: as ``model(named:)``.
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
