/// What the steps of a dream change.
public enum Parametrization: String, CaseIterable, Hashable, Sendable {
    /// The pixels.
    case pixels
    /// The frequencies that the picture is made of, each in proportion to its share in natural pictures
    /// (see `FourierFilter`).
    case fourier
}
