/// How far a dream has come.
public struct DreamProgress: Sendable, Equatable {
    /// How many steps are done, in all octaves together: 1 to `totalSteps`.
    public let step: Int
    public let totalSteps: Int
    /// The current octave: 1 to `octaves`.
    public let octave: Int
    public let octaves: Int
    /// The objective before this step.
    public let objective: Double
}
