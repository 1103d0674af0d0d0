import Yams

/// A configuration file: a YAML mapping whose keys are names of settings and whose values are scalars.
struct ConfigurationFile {
    struct Entry {
        let name: String
        let value: String
        let line: Int
    }

    let path: String
    /// The settings, in the order of the file.
    let entries: [Entry]

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
        entries = try Self.entries(of: text, path: path)
    }

    private static func entries(of text: String, path: String) throws(ConfigurationError) -> [Entry] {
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
