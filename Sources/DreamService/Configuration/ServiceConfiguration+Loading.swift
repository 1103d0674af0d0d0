extension ServiceConfiguration {
    /// The configuration file that is read, if it exists, when no other is named.
    public static let defaultFile = "/etc/deepdream/deepdream.yaml"

    /// The environment variable with the path of the configuration file.
    public static let fileVariable = Setting.environmentPrefix + "CONFIG"

    /// Loads the configuration. Flags override environment variables, which override the file, which overrides
    /// defaults.
    ///
    /// - Parameters:
    ///   - file: the path of the configuration file. If nil, it is taken from `DEEPDREAM_CONFIG`; if that is not set
    ///     either, `defaultFile` is read if it exists.
    ///   - environment: all environment variables. Unknown ones that begin with `DEEPDREAM_` are errors.
    ///   - flags: names of settings, without dashes, and their values.
    ///   - available: how many processors the process may use.
    ///   - defaultFile: the configuration file to read if no other is named.
    public static func load(
        file: String?, environment: [String: String], flags: [(name: String, value: String)],
        available: Int = Processors.available, defaultFile: String = Self.defaultFile
    ) throws(ConfigurationError) -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        if let path = file ?? environment[fileVariable] ?? (FileBytes.exists(defaultFile) ? defaultFile : nil) {
            try configuration.apply(ConfigurationFile(path: path))
        }
        try configuration.apply(environment: environment)
        try configuration.apply(flags: flags)
        try configuration.validate(available: available)
        return configuration
    }

    private mutating func apply(_ file: ConfigurationFile) throws(ConfigurationError) {
        presets = file.presets
        for entry in file.entries {
            try set(entry.name, to: entry.value, source: .file(path: file.path, line: entry.line))
        }
    }

    private mutating func apply(environment: [String: String]) throws(ConfigurationError) {
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where variable.hasPrefix(Setting.environmentPrefix) && variable != Self.fileVariable {
            let name = variable.dropFirst(Setting.environmentPrefix.count).lowercased().map { $0 == "_" ? "-" : $0 }
            try set(String(name), to: value, source: .environment(variable: variable))
        }
    }

    /// Applies flags, each of which can be given once.
    ///
    /// - Parameter flags: names of settings, without dashes, and their values.
    public mutating func apply(flags: [(name: String, value: String)]) throws(ConfigurationError) {
        var given: Set<String> = []
        for (name, value) in flags {
            guard given.insert(name).inserted else {
                throw .repeatedSetting(name: name, source: .flag(name: name))
            }
            try set(name, to: value, source: .flag(name: name))
        }
    }

    mutating func set(
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
