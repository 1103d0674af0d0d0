import DeepDream

/// A finished dream, encoded.
package struct JobResult: Sendable {
    /// The encoded picture, in `recipe.format`.
    package let bytes: [UInt8]
    /// The recipe of the dream. Its size is the exact width and height.
    package let recipe: Recipe
    /// The stages that the job went through, in order, and how long each took.
    package let stages: [(name: String, duration: Duration)]
    /// What was wrong with the photo but no reason to refuse it.
    package let warnings: [String]
    /// The memory that `bytes` take, until the last copy of this result is gone.
    package var memory: MemoryBudget.Share?

    package init(
        bytes: [UInt8], recipe: Recipe, stages: [(name: String, duration: Duration)], warnings: [String] = []
    ) {
        self.bytes = bytes
        self.recipe = recipe
        self.stages = stages
        self.warnings = warnings
    }
}
