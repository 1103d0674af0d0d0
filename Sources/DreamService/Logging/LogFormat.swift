/// How log lines are written.
public enum LogFormat: String, CaseIterable, Sendable {
    /// `time level message key=value …`, for people.
    case text
    /// One JSON object in each line, for collectors.
    case json
}
