/// How far a dream has come.
public struct DreamProgress: Sendable, Equatable {
    /// How many steps are done, in all octaves together: 1 to `totalSteps`.
    public let step: Int
    public let totalSteps: Int
    /// The current octave: 1 to `octaves`.
    public let octave: Int
    public let octaves: Int
    /// How much of the work is done, 0...1: steps count by their pixels, so those of small octaves count little.
    public let fraction: Double
    /// The objective before this step.
    public let objective: Double

    /// Whether it was the first step of its octave.
    public var isFirstOfOctave: Bool { (step - 1) % (totalSteps / octaves) == 0 }
}
