import Imaging
import VisionNet

/// The most memory that a dream takes at once, as known before it is made. All are bytes.
///
/// The plan and its weights are counted exactly, pictures by their pixels. Scratch memory of the threads, a few
/// megabytes each, is not in it.
public struct DreamMemory: Equatable, Sendable {
    /// The pictures that a dream is made of, as they are decoded.
    public struct Pictures: Sendable {
        /// The photo; nil for a dream from noise.
        public let photo: DecodingMemory?
        /// The mask and the guide, if there are any.
        public let mask, guide: DecodingMemory?

        public init(photo: DecodingMemory?, mask: DecodingMemory? = nil, guide: DecodingMemory? = nil) {
            (self.photo, self.mask, self.guide) = (photo, mask, guide)
        }

        /// What is held once all are decoded. A photo of 16 bits is held with 8 bits, too.
        fileprivate var heldBytes: Int {
            let deep = photo.map { $0.depth == 16 ? 3 * $0.width * $0.height : 0 } ?? 0
            return [photo, mask, guide].reduce(deep) { $0 + ($1?.photoBytes ?? 0) }
        }

        fileprivate var decodingBytes: Int {
            var (held, most) = (0, 0)
            for picture in [photo, mask, guide] {
                most = max(most, held + (picture?.decodingBytes ?? 0))
                held += picture?.photoBytes ?? 0
            }
            return most
        }
    }

    /// While the pictures are decoded.
    public let decoding: Int
    /// While steps are taken.
    public let dreaming: Int
    /// While the result is put together and encoded.
    public let encoding: Int

    /// The most that is taken at any time.
    public var total: Int { max(decoding, dreaming, encoding) }

    /// RGB as floats, in bytes for a pixel.
    private static let floats = 12

    /// - Parameters:
    ///   - recipe: a valid one for the model.
    ///   - width: of the dream, in pixels.
    ///   - height: of the dream, in pixels.
    ///   - options: those of the workspace that will dream.
    /// - Throws: `ModelError` if the model cannot run the recipe.
    public init(
        _ recipe: Recipe, model: VisionModel, width: Int, height: Int, pictures: Pictures, options: ComputeOptions
    ) throws {
        let pixels = width * height
        let photoPixels = pictures.photo.map { $0.width * $0.height } ?? pixels
        let isDeep = pictures.photo?.depth == 16
        decoding = pictures.decodingBytes + (isDeep ? Self.floats * photoPixels : 0)
        let held = pictures.heldBytes + 3 * pixels
        dreaming = try held + Self.ascentBytes(recipe, model: model, width: width, height: height, pictures, options)
        let resultPixels = recipe.detail == .restore ? photoPixels : pixels
        let mask = pictures.mask == nil ? 0 : 11 * pixels
        let samples = recipe.keep.depth && isDeep ? 2 : 1
        // The result as bytes, as floats, and as the codec's samples.
        let result = resultPixels * (3 + Self.floats + 4 * samples)
        encoding =
            held + Self.floats * pixels + mask + result + resultPixels * samples * recipe.format.encodingBytes
    }

    /// The plan, and the pictures that steps work on.
    private static func ascentBytes(
        _ recipe: Recipe, model: VisionModel, width: Int, height: Int, _ pictures: Pictures, _ options: ComputeOptions
    ) throws -> Int {
        guard recipe.steps > 0 else { return 0 }
        let canvas = Canvas(width: width, height: height, smallestSide: model.smallestSide)
        var (planWidth, planHeight) = (canvas.width, canvas.height)
        var isTiled = false
        if let side = recipe.tile.side(forWidth: canvas.width, height: canvas.height),
            recipe.parametrization == .pixels
        {
            isTiled = true
            planWidth = TileAxis(length: canvas.width, longest: side).tile
            planHeight = TileAxis(length: canvas.height, longest: side).tile
        }
        let terms = try recipe.objective(in: model)
        func planBytes(_ width: Int, _ height: Int) throws -> Int {
            try model.planBytes(terms, height: height, width: width, precision: recipe.precision, options: options)
                .total
        }
        let plan = try planBytes(planWidth, planHeight)
        // A guide is seen before, by a plan of its own.
        let guideSide = max(Dreamer.guideSide, model.smallestSide)
        let guide = pictures.guide == nil ? 0 : try planBytes(guideSide, guideSide)

        let shaping = GradientShaping(recipe)
        var gradient = shaping.laplacian > 0 || shaping.bands != [0] ? floats : 0
        if shaping.laplacian > 0 {
            // Each level has a quarter of the pixels of the one before.
            gradient += floats * 4 / 3
        } else if shaping.bands.contains(where: { $0 > 0 }) {
            gradient += 2 * floats
        }
        if shaping.followsFrequencies { gradient += 2 * floats }
        // The picture, and a copy of it with its 8 bits while it is handed on or shown.
        var picture = 2 * floats + 3
        picture += isTiled ? floats / 2 : recipe.jitter > 0 ? floats : 0
        if shaping.photoDistance > 0 { picture += 2 * floats }
        if shaping.totalVariation > 0 || shaping.photoDistance > 0 { picture += floats }
        return max(plan, guide) + gradient * planWidth * planHeight + picture * canvas.width * canvas.height
    }
}

extension DreamMemory {
    /// The memory of an answer to what a network sees in a photo.
    ///
    /// - Throws: `ModelError` or `RecipeError` if the model cannot answer the question.
    public init(
        _ question: SightQuestion, model: VisionModel, photo: DecodingMemory, options: ComputeOptions
    ) throws {
        let (width, height) = OutputSize.longerSide(question.longerSide)
            .resolved(forWidth: photo.width, height: photo.height)
        let canvas = Canvas(width: width, height: height, smallestSide: model.smallestSide)
        let area = canvas.width * canvas.height
        let layers = [try question.layer(of: model).name] + (model.classifier.map { [$0.layer.name] } ?? [])
        let plan = try model.planBytes(
            [], height: canvas.height, width: canvas.width, options: options, keeping: layers
        ).total
        decoding = photo.decodingBytes
        // The layers' activations are copied.
        dreaming = photo.photoBytes + 2 * plan + 2 * Self.floats * area
        let sheet = ContactSheet.bytes(
            tiles: question.count, columns: Sight.sheetColumns, width: photo.width, height: photo.height, lines: 5)
        encoding = photo.photoBytes + 2 * Self.floats * area + sheet
    }
}

extension ImageFormat {
    /// What encoding takes, in bytes for a pixel of 8-bit samples: the codec's memory, and the file twice.
    fileprivate var encodingBytes: Int {
        switch self {
        // The coefficients of a progressive JPEG, two bytes each.
        case .jpeg: 10
        case .png: 12
        case .webp: 24
        default: 40
        }
    }
}
