/// Moves a picture along the gradient of an objective, step by step.
protocol Ascent {
    /// Takes one step: rolls the picture, computes the gradient, adds `size` times the normalised gradient, clips to
    /// [-1, 1] and rolls back.
    ///
    /// - Parameters:
    ///   - shift: how far the picture is rolled.
    ///   - random: for what else is random in a step.
    /// - Returns: the objective before the step. If the workspace's work was cancelled, the step may be incomplete.
    func step(size: Float, shift: (rows: Int, columns: Int), random: inout SplitMix64) -> Double
}
