import DeepDream

/// A finished dream, encoded.
package struct JobResult: Sendable {
    /// The encoded picture, in `recipe.format`.
    package let bytes: [UInt8]
    /// The recipe it was made with, its size resolved to width and height.
    package let recipe: Recipe
    /// How long each stage took, in order.
    package let stages: [(name: String, duration: Duration)]

    package init(bytes: [UInt8], recipe: Recipe, stages: [(name: String, duration: Duration)]) {
        self.bytes = bytes
        self.recipe = recipe
        self.stages = stages
    }
}
