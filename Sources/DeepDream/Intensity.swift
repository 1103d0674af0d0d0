import Glibc

/// How much stronger or weaker a dream is than the model's recommendation.
struct Intensity: Hashable, Sendable {
    /// Factors of the recipe's values.
    var steps = 1.0
    var stepSize = 1.0
    var colorDecorrelation = 1.0
    /// How many octaves more.
    var octaves = 0
    /// Whether the plain gradient, which changes the finest detail, is left out of several bands.
    var keepsFineDetail = false

    func apply(to recipe: inout Recipe) {
        recipe.steps = min(Int((Double(recipe.steps) * steps).rounded()), 2000)
        recipe.stepSize = min(Self.short(recipe.stepSize * stepSize), 1)
        recipe.colorDecorrelation = Self.short(recipe.colorDecorrelation * colorDecorrelation)
        recipe.octaves = min(max(1, recipe.octaves + octaves), 12)
        let blurred = recipe.bands.filter { $0 > 0 }
        if keepsFineDetail, !blurred.isEmpty { recipe.bands = blurred }
    }

    /// Three significant digits, for recipes that people read.
    private static func short(_ value: Double) -> Double {
        guard value > 0 else { return value }
        let scale = pow(10, 2 - floor(log10(value)))
        return (value * scale).rounded() / scale
    }
}
