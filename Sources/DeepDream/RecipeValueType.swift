/// What values a recipe's field has, for programs that build forms or check values themselves.
public enum RecipeValueType: Sendable, Equatable {
    /// A whole number.
    case integer(ClosedRange<UInt64>)
    /// A number; where `isAboveLeast`, the range's lower bound itself is not allowed.
    case number(ClosedRange<Double>, isAboveLeast: Bool = false)
    /// True or false.
    case flag
    /// One of these words.
    case choice([String])
    /// So many numbers, separated by commas.
    case numbers(ClosedRange<Double>, count: ClosedRange<Int>)
    /// Text with rules of its own, which only the field's ``RecipeField/allowed`` tells.
    case text
}
