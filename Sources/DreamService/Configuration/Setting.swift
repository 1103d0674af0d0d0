/// How a setting of the service is named, described, read and written.
public struct Setting: Sendable {
    /// The name, such as `queue-length`: the key in the configuration file and, after `--`, the flag.
    public let name: String
    /// What the setting does, for help texts: a short phrase.
    public let summary: String
    /// Which values are allowed, for help texts and errors.
    public let allowed: String

    /// Whether a running service takes over a new value when it reads its configuration again.
    public private(set) var isReloadable = false

    /// Sets the property from text. Returns false if the text is not allowed.
    let set: @Sendable (inout ServiceConfiguration, String) -> Bool
    /// Writes the property as text that `set` can read.
    let text: @Sendable (ServiceConfiguration) -> String

    /// The environment variable, such as `DEEPDREAM_QUEUE_LENGTH`.
    public var environmentName: String {
        Self.environmentPrefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// The beginning of the names of all environment variables of the service.
    static let environmentPrefix = "DEEPDREAM_"

    /// The default value as text.
    public var defaultText: String { text(ServiceConfiguration()) }

    init<Value>(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Value> & Sendable, _ summary: String,
        allowed: String, parse: @escaping @Sendable (String) -> Value?, print: @escaping @Sendable (Value) -> String
    ) {
        self.name = name
        self.summary = summary
        self.allowed = allowed
        set = { configuration, text in
            guard let value = parse(text) else { return false }
            configuration[keyPath: path] = value
            return true
        }
        text = { print($0[keyPath: path]) }
    }

    /// This setting, of which a running service takes over new values.
    func reloadable() -> Setting {
        var setting = self
        setting.isReloadable = true
        return setting
    }

    /// A setting whose value is a number.
    static func integer(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Int> & Sendable, _ summary: String,
        in range: ClosedRange<Int>
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, print: { String($0) })
    }

    /// A setting whose value is a number, or `auto` for nil.
    static func automaticInteger(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Int?> & Sendable, _ summary: String,
        in range: ClosedRange<Int>
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "auto or a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: automatic { Int($0).flatMap { range.contains($0) ? $0 : nil } },
            print: { $0.map(String.init) ?? "auto" })
    }

    /// A setting whose value is one of the cases of `Value`, or `auto` for nil.
    static func automaticChoice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Value?> & Sendable, _ summary: String
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "one of auto, " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: automatic { Value(rawValue: $0) }, print: { $0?.rawValue ?? "auto" })
    }

    /// Makes a parser that reads `auto` as nil and leaves other text to `parse`.
    static func automatic<Value>(
        _ parse: @escaping @Sendable (String) -> Value?
    ) -> @Sendable (String) -> Value?? {
        { text in
            if text == "auto" { return .some(nil) }
            return parse(text).map { .some($0) }
        }
    }

    /// A setting whose value is one of the cases of `Value`.
    static func choice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Value> & Sendable, _ summary: String
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { Value(rawValue: $0) }, print: { $0.rawValue })
    }
}
