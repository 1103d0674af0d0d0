/// What an octave takes from the smaller one before it.
public enum OctaveDetail: String, CaseIterable, Hashable, Sendable {
    /// What the dream has added to the photo, enlarged and added to the photo at the new size (google/deepdream).
    case reinject
    /// The dream itself, enlarged (TensorFlow's tutorial). The photo's fine detail is lost.
    case carry
}
