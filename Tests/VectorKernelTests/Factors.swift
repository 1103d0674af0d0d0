/// The format of the factors of the products.
enum Factors: CaseIterable {
    case floats, pairs

    /// The relative error of a product, root mean square: each factor of a pair is rounded.
    var error: Double { self == .pairs ? BFloat16.roundingError * 2.0.squareRoot() : 0 }
}
