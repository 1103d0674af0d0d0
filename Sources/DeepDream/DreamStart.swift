/// What a dream starts from.
public enum DreamStart: String, CaseIterable, Hashable, Sendable {
    case photo
    /// A picture of random numbers, for which no photo is needed.
    case noise
}
