/// A type of a tensor's elements, each of which holds a float's value, rounded if need be.
protocol TensorElement: BitwiseCopyable {
    init(rounding value: Float)
    var value: Float { get }
    /// Whether every float keeps its exact value.
    static var holdsFloats: Bool { get }
    /// The distances between pixels and between rows are multiples of this.
    static var step: Int { get }
    static var nan: Self { get }
}

extension Float: TensorElement {
    init(rounding value: Float) { self = value }
    var value: Float { self }
    static var holdsFloats: Bool { true }
    static var step: Int { 1 }
}
