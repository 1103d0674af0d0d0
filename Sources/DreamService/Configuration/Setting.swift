/// One setting as people write it: its name, what it does, what is allowed, and how it is read and written.
public struct Setting: Sendable {
    /// The key in the file and, with `--` before it, the flag: `queue-length`.
    public let name: String
    /// One line for help texts.
    public let summary: String
    /// What a value may be, for help texts and errors.
    public let allowed: String

    /// Sets the property from text; false where the text is not allowed.
    let set: @Sendable (inout ServiceConfiguration, String) -> Bool
    /// The property's value as text that `set` reads back.
    let text: @Sendable (ServiceConfiguration) -> String

    /// The environment variable: `DEEPDREAM_QUEUE_LENGTH`.
    public var environmentName: String {
        Self.environmentPrefix + String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// What stands before the names of all environment variables of the service.
    static let environmentPrefix = "DEEPDREAM_"

    /// The default as text.
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

    static func integer(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Int> & Sendable, _ summary: String,
        in range: ClosedRange<Int>
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, print: { String($0) })
    }

    /// A number, or `auto`, nil, for the service to find it.
    static func automaticInteger(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Int?> & Sendable, _ summary: String,
        in range: ClosedRange<Int>
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "auto or a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: automatic { Int($0).flatMap { range.contains($0) ? $0 : nil } },
            print: { $0.map(String.init) ?? "auto" })
    }

    /// A choice, or `auto`, nil, for the service to make it.
    static func automaticChoice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Value?> & Sendable, _ summary: String
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "one of auto, " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: automatic { Value(rawValue: $0) }, print: { $0?.rawValue ?? "auto" })
    }

    private static func automatic<Value>(
        _ parse: @escaping @Sendable (String) -> Value?
    ) -> @Sendable (String) -> Value?? {
        { text in
            if text == "auto" { return .some(nil) }
            return parse(text).map { .some($0) }
        }
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ name: String, _ path: WritableKeyPath<ServiceConfiguration, Value> & Sendable, _ summary: String
    ) -> Setting {
        Setting(
            name, path, summary, allowed: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { Value(rawValue: $0) }, print: { $0.rawValue })
    }
}
