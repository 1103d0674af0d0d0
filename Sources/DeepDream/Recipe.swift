import Imaging
import VisionNet

/// Everything that decides what a dream of a given photo looks like: the same photo, recipe, weights and thread
/// count give the same bytes.
///
/// The text form of each field — in a form, a query, an option or a model's metadata — is defined once, by
/// ``fields``.
public struct Recipe: Hashable, Sendable {
    /// The model's name.
    public var model: String
    /// The layers and channels whose activations are maximised, and how much each counts.
    public var layers: [LayerWeight]
    /// How strongly to favour channels that the picture shows little of, 0...1 (see `GradientPlan.Term`).
    public var diversity: Double
    /// How strongly the channels that `layers` names should stand out from the rest of their layer, 0...1 (see
    /// `GradientPlan.Term`).
    public var selectivity: Double
    /// Gradient steps in each octave, 0...2000.
    public var steps: Int
    /// How much a step adds to a pixel (in [-1, 1]) where the normalised gradient is 1; above 0, at most 1.
    public var stepSize: Double
    /// How many sizes the photo is dreamed at, small to large, 1...12.
    public var octaves: Int
    /// The ratio of the sides of successive octaves, 1.05...4.
    public var octaveScale: Double
    /// The longer sides of the octaves below the dream's own size, in pixels, from small to large, each 1...65500.
    /// Empty for those that `octaves` and `octaveScale` give.
    public var octaveSizes: [Int]
    /// What an octave takes from the one before.
    public var octaveDetail: OctaveDetail
    /// The longest random shift of the picture before a step, in pixels each way, 0...256.
    public var jitter: Int
    /// Standard deviations, in pixels, of the blurs whose normalised gradients are summed; 0 is the gradient itself.
    public var bands: [Double]
    /// The levels of the Laplacian pyramid that a gradient is split into, each of which is normalised by itself, 0...8;
    /// 0 does not split it. It stands in the place of `bands`.
    public var laplacian: Int
    /// What a gradient is divided by, so that the length of a step does not depend on it.
    public var normalization: Normalization
    /// How strongly each step smooths the picture: the weight of its total variation's gradient beside the normalised
    /// gradient of the objective, 0...10.
    public var totalVariation: Double
    /// How strongly each step pulls the picture back to the photo: the weight of their difference beside the normalised
    /// gradient of the objective, 0...10.
    public var photoDistance: Double
    /// How strongly each step favours the colours of natural pictures, 0...1: at 0 it follows the plain gradient, at 1
    /// the gradient multiplied with their colour covariance (see `ColorDecorrelation`).
    public var colorDecorrelation: Double
    /// What steps change: pixels, or the frequencies that the picture is made of.
    public var parametrization: Parametrization
    /// How large the parts are that a large picture's gradient is computed in.
    public var tile: TileSize
    /// Where the dream's fine detail comes from.
    public var detail: DetailSource
    /// How much of the dream is blended over the photo, 0...1: 0 is the photo, 1 the dream.
    public var strength: Double
    /// Whether the photo's colours stay, and only brightness dreams.
    public var preservesColor: Bool
    /// Whether the dream gets the mean and the deviation of the photo's brightness.
    public var preservesBrightness: Bool
    /// The standard deviation, in the dream's pixels, of the blur that softens a mask's borders, 0...64.
    public var maskFeather: Double
    /// What the dream starts from.
    public var from: DreamStart
    /// The size of the dream.
    public var size: OutputSize
    /// The seed of the random numbers: of the jitter, the tiles and the noise.
    public var seed: UInt64
    /// How exactly gradients are computed.
    public var precision: Precision
    /// The JPEG's quality, 1...100; above 90 its colours are not subsampled.
    public var quality: Int
    public var format: ImageFormat
    /// Which properties of the photo its dream keeps.
    public var keep = KeptProperties()
    /// The colour that transparent pixels of the photo are laid on.
    public var background = DecodingOptions.Colour.white
    /// What the dream's file says about the photo.
    public var metadata = MetadataPolicy.none
    /// What is done with a damaged photo.
    public var damaged = DamagePolicy.refuse

    /// What the old Flask program did: plain gradient ascent, 100 steps of 0.01 on one octave.
    ///
    /// It is the recommended recipe of the published InceptionV3, and the base of fields that a model's own
    /// recommendation leaves out.
    public static func plain(model: String) -> Recipe {
        Recipe(
            model: model, layers: [LayerWeight("mixed3"), LayerWeight("mixed5")], diversity: 0, selectivity: 0,
            steps: 100, stepSize: 0.01, octaves: 1, octaveScale: 1.4, octaveSizes: [], octaveDetail: .reinject,
            jitter: 0, bands: [0], laplacian: 0, normalization: .deviation, totalVariation: 0, photoDistance: 0,
            colorDecorrelation: 0, parametrization: .pixels, tile: .automatic, detail: .dream, strength: 1,
            preservesColor: false, preservesBrightness: false, maskFeather: 4, from: .photo,
            size: .longerSide(512),
            seed: 0,
            precision: .full, quality: 90, format: .jpeg)
    }

    /// The recipe that a model's metadata recommends. What it leaves out is as the network recommends, or else as in
    /// `plain`; the precision is full if this processor has no other.
    ///
    /// - Throws: `RecipeError` if the metadata's `recipe` cannot be read or names layers that the model lacks.
    public static func recommended(for model: VisionModel) throws -> Recipe {
        var recipe = Recipe.plain(model: model.name)
        for text in [model.network.recommendedRecipe, model.metadata["recipe"] ?? ""] {
            try recipe.apply(Recipe.pairs(of: text))
        }
        if !recipe.precision.isAvailable { recipe.precision = .full }
        try recipe.validate(for: model)
        return recipe
    }
}
