/// What a gradient is divided by, so that the length of a step does not depend on the gradient's size.
public enum Normalization: String, CaseIterable, Hashable, Sendable {
    /// The standard deviation of its values.
    case deviation
    /// The mean of its absolute values, as in google/deepdream.
    case meanAbsolute = "mean_absolute"
    /// The largest of its absolute values: then no value changes by more than the size of the step.
    case maximum
}
