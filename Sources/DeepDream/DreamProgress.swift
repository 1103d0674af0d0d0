/// How far a dream has come.
public struct DreamProgress: Sendable, Equatable {
    /// Steps done, of `totalSteps` over all octaves.
    public let step: Int
    public let totalSteps: Int
    /// The octave at work, from 1, of `octaves`.
    public let octave: Int
    public let octaves: Int
    /// The objective before this step.
    public let objective: Double
}
