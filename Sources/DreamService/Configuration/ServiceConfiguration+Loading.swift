extension ServiceConfiguration {
    /// Where a configuration file is looked for when none is named.
    public static let defaultFile = "/etc/deepdream/deepdream.yaml"

    /// The environment variable that names the configuration file.
    public static let fileVariable = Setting.environmentPrefix + "CONFIG"

    /// The configuration from its sources; each overrules those before it: defaults, file, environment, flags.
    ///
    /// - Parameters:
    ///   - file: the configuration file; nil for the one that `DEEPDREAM_CONFIG` names, else `defaultFile` if it is
    ///     there.
    ///   - environment: all variables; those that begin with `DEEPDREAM_` must be known.
    ///   - flags: names without dashes, and values.
    ///   - processors: how many processors the service may use.
    public static func load(
        file: String?, environment: [String: String], flags: [(name: String, value: String)],
        processors: Int = Processors.available
    ) throws(ConfigurationError) -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        if let path = file ?? environment[fileVariable] ?? (FileBytes.exists(defaultFile) ? defaultFile : nil) {
            let file = try ConfigurationFile(path: path)
            for entry in file.entries {
                try configuration.set(entry.name, to: entry.value, source: .file(path: path, line: entry.line))
            }
        }
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where variable.hasPrefix(Setting.environmentPrefix) && variable != fileVariable {
            let name = variable.dropFirst(Setting.environmentPrefix.count).lowercased().map { $0 == "_" ? "-" : $0 }
            try configuration.set(String(name), to: value, source: .environment(variable: variable))
        }
        var given: Set<String> = []
        for (name, value) in flags {
            guard given.insert(name).inserted else {
                throw .repeatedSetting(name: name, source: .flag(name: name))
            }
            try configuration.set(name, to: value, source: .flag(name: name))
        }
        try configuration.validate(processors: processors)
        return configuration
    }

    private mutating func set(
        _ name: String, to value: String, source: ConfigurationError.Source
    ) throws(ConfigurationError) {
        guard let setting = Self.settings.first(where: { $0.name == name }) else {
            let known = Self.settings.map { setting in
                if case .environment = source { setting.environmentName } else { setting.name }
            }
            throw .unknownSetting(name: name, source: source, known: known)
        }
        guard setting.set(&self, value) else {
            throw .invalidValue(setting: name, source: source, value: value, allowed: setting.allowed)
        }
    }
}
