/// How log lines are written.
public enum LogFormat: String, CaseIterable, Sendable {
    /// Lines for people: `time level message key=value …`.
    case text
    /// Lines for programs: a JSON object each.
    case json
}
