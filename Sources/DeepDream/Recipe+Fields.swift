import Imaging
import VisionNet

extension Recipe {
    /// Every field, in canonical order. A new field is one entry here, a property of `Recipe` with its plain value,
    /// an option of the command and a row of the README's table.
    public static let fields: [RecipeField] = [
        RecipeField(
            "model", \.model, "which network dreams", allowed: "the name of a loaded model; GET /models lists them",
            parse: { $0 }, print: { $0 }, isAllowed: { !$0.isEmpty }),
        RecipeField(
            "layers", \.layers,
            "layers or channels whose mean activation is maximised, or with ':l2' the mean of its squares, or with "
                + "':guide' the match with the guide's features, optionally weighted: mixed4:0.5,mixed5[17+40]:l2:2; "
                + "mixed5[17]@0.5x0.25 is one place, from 0x0 to 1x1; GET /models has a model's names for channels",
            allowed: "one to \(LayerWeight.mostTerms) different layers or channels, separated by commas, each with an "
                + "optional '@XxY', an optional ':l2' or ':guide' and an optional ':weight' from -1000000 to 1000000, "
                + "other than 0",
            parse: LayerWeight.list(in:), print: LayerWeight.text(of:), isAllowed: LayerWeight.isAllowed),
        .number(
            "diversity", \.diversity,
            "how strongly channels are favoured that the picture shows little of, for variety; 0 treats all alike",
            in: 0...1),
        .number(
            "selectivity", \.selectivity,
            "how strongly channels asked for, such as mixed5[17], should stand out from the rest of their layer",
            in: 0...1),
        .integer("steps", \.steps, "gradient steps in each octave", in: 0...2000),
        RecipeField(
            "step_size", \.stepSize, "how far one step goes, for pixels in [-1, 1]",
            allowed: "a number above 0, at most 1",
            parse: Text.number(in:), print: Text.of(number:), isAllowed: { $0 > 0 && $0 <= 1 }
        ).typed(.number(0...1, isAboveLeast: true)),
        .integer(
            "octaves", \.octaves,
            "how many sizes to dream at, small to large; those too small for the network are skipped", in: 1...12),
        .number("octave_scale", \.octaveScale, "the ratio between the sides of successive octaves", in: 1.05...4),
        .integer(
            "jitter", \.jitter,
            "longest random shift before each step, in pixels; below about 32 the picture's border dreams less",
            in: 0...256
        ).counting("pixels"),
        RecipeField(
            "bands", \.bands, "blurs, in pixels, whose normalised gradients are summed; 0 is the plain gradient",
            allowed: "one to eight numbers from 0 to 64, separated by commas",
            parse: Text.numbers(in:), print: Text.of(numbers:),
            isAllowed: { (1...8).contains($0.count) && $0.allSatisfy((0...64).contains) }
        ).typed(.numbers(0...64, count: 1...8)).counting("pixels"),
        .number(
            "color_decorrelation", \.colorDecorrelation,
            "how strongly natural colours are favoured over neon; 0 is the plain gradient", in: 0...1),
        RecipeField(
            "octave_sizes", \.octaveSizes,
            "the longer sides of the octaves below the dream's own size, in the place of octaves and octave_scale",
            allowed: "auto, or one to eleven whole numbers from 1 to \(OutputSize.allowedSides.upperBound), growing, "
                + "separated by commas",
            parse: { $0 == "auto" ? [] : Text.integers(in: $0) },
            print: { $0.isEmpty ? "auto" : $0.map(String.init).joined(separator: ",") },
            isAllowed: { sizes in
                sizes.count <= 11 && sizes.allSatisfy(OutputSize.allowedSides.contains)
                    && zip(sizes, sizes.dropFirst()).allSatisfy(<)
            }),
        .choice(
            "octave_detail", \.octaveDetail,
            "reinject adds what the dream has changed to the photo at the next size; carry enlarges the dream itself, "
                + "which loses the photo's fine detail"),
        .integer(
            "laplacian", \.laplacian,
            "levels of a Laplacian pyramid whose gradients are normalised one by one, in the place of bands; 0 is none",
            in: 0...8),
        .choice(
            "normalization", \.normalization,
            "what a gradient is divided by: its standard deviation, the mean of its absolute values or the largest"),
        .number(
            "total_variation", \.totalVariation,
            "how strongly each step smooths the picture, against a gradient of deviation 1", in: 0...2),
        .number(
            "photo_distance", \.photoDistance,
            "how strongly each step pulls the picture back to the photo, against a gradient of deviation 1", in: 0...10
        ),
        .choice(
            "parametrization", \.parametrization,
            "fourier follows the gradient of the picture's frequencies, which gives large smooth shapes; for pictures "
                + "from noise"),
        RecipeField(
            "tile", \.tile,
            "the longest side of the parts that a gradient is computed in, so that memory is bounded; auto takes parts "
                + "of \(TileSize.automaticSide) pixels above \(TileSize.automaticPixels) pixels",
            allowed: TileSize.allowedText, parse: TileSize.init(text:), print: \.text, isAllowed: \.isAllowed),
        .choice(
            "detail", \.detail,
            "restore dreams at the size asked for and adds the change to the photo at its own size, sharp"),
        .number("strength", \.strength, "how much of the dream covers the photo; 0 is the photo", in: 0...1),
        .flag("preserve_color", \.preservesColor, "keep the photo's colours, so that only brightness dreams"),
        .flag(
            "preserve_brightness", \.preservesBrightness,
            "give the dream the mean and the contrast of the photo's brightness"),
        .number(
            "mask_feather", \.maskFeather, "how softly a mask's borders blend: a blur, in the dream's pixels",
            in: 0...64
        ).counting("pixels"),
        .choice("from", \.from, "what the dream starts from: the photo, or noise, which needs no photo"),
        RecipeField(
            "size", \.size, "the dream's size in pixels", allowed: OutputSize.allowedText,
            parse: OutputSize.init(text:), print: \.text, isAllowed: \.isAllowed,
            suggestion: OutputSize.suggestion),
        RecipeField(
            "seed", \.seed, "starts the random numbers of jitter, tiles and noise",
            allowed: "a whole number from 0 to \(UInt64.max)", parse: { UInt64($0) }, print: { String($0) }
        ).typed(.integer(0...UInt64.max)),
        RecipeField(
            "precision", \.precision, "fast computes in bfloat16, on processors that can; full is exact",
            allowed: "full or fast", parse: { Precision(rawValue: $0) }, print: { $0.rawValue }
        ).typed(.choice(Precision.allCases.map(\.rawValue))),
        .integer(
            "quality", \.quality, "the quality of JPEG, WebP and AVIF; above 90 colours are not subsampled", in: 1...100
        ),
        RecipeField(
            "format", \.format, "the encoding of the answer", allowed: formats,
            parse: { ImageFormat(rawValue: $0) }, print: { $0.rawValue }, isAllowed: ImageFormat.writable.contains
        ).typed(.choice(ImageFormat.writable.map(\.rawValue))),
        RecipeField(
            "keep", \.keep, "what the answer keeps of the photo, where its format can hold it",
            allowed: KeptProperties.allowedText, parse: KeptProperties.init(text:), print: \.text),
        RecipeField(
            "background", \.background, "the colour under transparent pixels",
            allowed: DecodingOptions.Colour.allowedText, parse: DecodingOptions.Colour.init(text:), print: \.text),
        RecipeField(
            "metadata", \.metadata, "keep passes on copyright, artist and the colour profile; nothing else ever is",
            allowed: "none or keep", parse: { MetadataPolicy(rawValue: $0) }, print: { $0.rawValue }
        ).typed(.choice(MetadataPolicy.allCases.map(\.rawValue))),
        RecipeField(
            "damaged", \.damaged, "accept dreams of what can be read of a damaged photo",
            allowed: "refuse or accept", parse: { DamagePolicy(rawValue: $0) }, print: { $0.rawValue }
        ).typed(.choice(DamagePolicy.allCases.map(\.rawValue))),
    ]

    /// The values of `format`, as a list in a sentence.
    private static let formats: String = {
        let names = ImageFormat.writable.map(\.rawValue)
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }()

    /// The names of `fields`, and `preset`, which sets several of them.
    public static let fieldNames = fields.map(\.name) + ["preset"]
}
