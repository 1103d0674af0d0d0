extension Duration {
    /// The duration in milliseconds, rounded to tenths.
    var milliseconds: Double { (self / .milliseconds(1) * 10).rounded() / 10 }
}
