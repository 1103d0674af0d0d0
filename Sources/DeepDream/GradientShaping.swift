/// How a gradient becomes the direction of a step.
struct GradientShaping {
    /// The standard deviations of the blurs whose normalised gradients are summed; 0 is the gradient itself.
    let bands: [Double]
    /// The levels of a Laplacian pyramid in the place of bands; 0 for none.
    let laplacian: Int
    /// Whether the gradient is that of the picture's frequencies.
    let followsFrequencies: Bool
    let normalization: Normalization
    /// How strongly the gradient is mixed with natural colours' covariance, 0...1.
    let colorDecorrelation: Double
    let totalVariation: Double
    let photoDistance: Double

    init(_ recipe: Recipe) {
        bands = recipe.bands
        laplacian = recipe.laplacian
        followsFrequencies = recipe.parametrization == .fourier
        normalization = recipe.normalization
        colorDecorrelation = recipe.colorDecorrelation
        totalVariation = recipe.totalVariation
        photoDistance = recipe.photoDistance
    }
}
