/// Where the fine detail of a dream comes from.
public enum DetailSource: String, CaseIterable, Hashable, Sendable {
    /// From the dream, which has the size that was asked for.
    case dream
    /// From the photo: the dream is made at the size that was asked for, and what it changes is enlarged and added to
    /// the photo at its own size.
    case restore
}
