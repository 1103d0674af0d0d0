import DeepDream
import Yams

/// A configuration file: a YAML mapping whose keys are names of settings and whose values are scalars, and `presets`.
struct ConfigurationFile {
    struct Entry {
        let name: String
        let value: String
        let line: Int
    }

    let path: String
    /// The settings, in the order of the file.
    let entries: [Entry]
    /// The presets, in the order of the file.
    let presets: [ConfiguredPreset]

    /// The key whose value is a mapping: the presets' names, each with the text or a mapping of its fields.
    private static let presetsKey = "presets"

    /// - Throws: `unreadableFile` or `malformedFile`.
    init(path: String) throws(ConfigurationError) {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path, atMost: 1 << 20)
        } catch {
            throw .unreadableFile(path: path, reason: error.reason)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadableFile(path: path, reason: "it is not UTF-8 text")
        }
        self.path = path
        let root = try Self.mapping(of: text, path: path)
        let isPresets = { (key: Node) in key.scalar?.string == Self.presetsKey }
        entries = try Self.entries(of: root.filter { !isPresets($0.key) }, path: path)
        let presets = root.first { isPresets($0.key) }?.value
        self.presets =
            try presets.map { presets throws(ConfigurationError) in
                try Self.presets(of: presets, path: path)
            } ?? []
    }

    private static func mapping(
        of text: String, path: String
    ) throws(ConfigurationError) -> [(key: Node, value: Node)] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw error.malformedFile(path: path)
        } catch {
            throw .malformedFile(path: path, line: 1, reason: "\(error)")
        }
        // A file that is empty or has only comments sets nothing.
        guard let root, root.null == nil else { return [] }
        guard let mapping = root.mapping else {
            throw .malformedFile(path: path, line: root.line, reason: "expected lines like 'setting: value'")
        }
        return Array(mapping)
    }

    private static func entries(
        of mapping: [(key: Node, value: Node)], path: String
    ) throws(ConfigurationError) -> [Entry] {
        var entries: [Entry] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                throw .malformedFile(path: path, line: key.line, reason: "the name of a setting must be plain text")
            }
            guard let value = value.scalar?.string else {
                throw .malformedFile(
                    path: path, line: key.line,
                    reason: "the value of '\(name)' must be a single text or number, not a list or mapping")
            }
            entries.append(Entry(name: name, value: value, line: key.line))
        }
        return entries
    }

    private static func presets(of node: Node, path: String) throws(ConfigurationError) -> [ConfiguredPreset] {
        if node.null != nil { return [] }
        guard let mapping = node.mapping else {
            throw .malformedFile(
                path: path, line: node.line, reason: "expected under 'presets' lines like 'name: steps=10&seed=7'")
        }
        var presets: [ConfiguredPreset] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                throw .malformedFile(path: path, line: key.line, reason: "the name of a preset must be plain text")
            }
            let source = ConfigurationError.Source.file(path: path, line: key.line)
            guard let fields = Self.fields(of: value) else {
                throw .malformedFile(
                    path: path, line: key.line,
                    reason:
                        "the preset '\(name)' must be the text of a recipe, such as steps=10&seed=7, or a mapping of "
                        + "its fields to text, numbers or lists of these")
            }
            presets.append(try ConfiguredPreset(name: name, fields: fields, source: source))
        }
        return presets
    }

    /// The fields of a preset; nil if it is neither text nor a mapping of fields.
    private static func fields(of node: Node) -> [ConfiguredPreset.Field]? {
        if let text = node.scalar?.string {
            return text.contains("=") ? Recipe.pairs(of: text).map { .init(name: $0.name, value: $0.value) } : nil
        }
        guard let mapping = node.mapping else { return nil }
        let fields = mapping.compactMap { key, value -> ConfiguredPreset.Field? in
            let members = value.sequence.map { $0.compactMap { $0.scalar?.string } }
            let isList = value.sequence.map { $0.count == members?.count } ?? false
            guard let name = key.scalar?.string,
                let text = value.scalar?.string ?? (isList ? members?.joined(separator: ",") : nil)
            else { return nil }
            return .init(name: name, value: text)
        }
        return fields.count == mapping.count ? fields : nil
    }
}

extension Node {
    /// The line on which the node begins, counted from 1.
    fileprivate var line: Int { mark?.line ?? 1 }
}

extension YamlError {
    fileprivate func malformedFile(path: String) -> ConfigurationError {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .malformedFile(path: path, line: mark.line, reason: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            .malformedFile(
                path: path, line: context.mark.line,
                reason: "set more than once: \(duplicates.map { "\($0)" }.joined(separator: ", "))")
        default:
            .malformedFile(path: path, line: 1, reason: "\(self)")
        }
    }
}
