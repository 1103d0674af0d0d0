/// A name for the values of several fields.
public enum Preset: String, CaseIterable, Sendable {
    /// The model's own recommendation.
    case recommended
    /// The old Flask program's: 225×225, `mixed3` and `mixed5`, 100 plain steps of 0.01.
    case classic
}
