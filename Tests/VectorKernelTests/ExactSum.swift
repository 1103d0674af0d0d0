/// A sum before the epilogue, with what bounds its rounding error.
struct ExactSum {
    var value = 0.0
    var magnitude = 0.0
    var terms = 0

    mutating func add(_ product: Double) {
        value += product
        magnitude += abs(product)
        terms += 1
    }
}
