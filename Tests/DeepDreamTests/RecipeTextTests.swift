import DeepDream
import TestSupport
import Testing
import VisionNet

/// Recipes in their text form.
@Suite("Recipes as text") struct RecipeTextTests {
    private func recipe(_ pairs: (name: String, value: String)...) throws -> Recipe {
        var recipe = Recipe.plain(model: "m")
        try recipe.apply(pairs)
        return recipe
    }

    @Test("the plain recipe's canonical text has every field in order")
    func canonical() {
        #expect(
            Recipe.plain(model: "m").canonical
                == "model=m&layers=mixed3,mixed5&diversity=0&selectivity=0&steps=100&step_size=0.01&octaves=1&"
                + "octave_scale=1.4&jitter=0&bands=0&color_decorrelation=0&octave_sizes=auto&"
                + "octave_detail=reinject&laplacian=0&normalization=deviation&total_variation=0&photo_distance=0&"
                + "parametrization=pixels&tile=auto&detail=dream&strength=1&preserve_color=false&"
                + "preserve_brightness=false&mask_feather=4&from=photo&size=max:512&seed=0&precision=full&"
                + "quality=90&format=jpeg&keep=none&background=white&metadata=none&damaged=refuse")
    }

    @Test(
        "a value reads back from the canonical text as it was written",
        arguments: [
            ("model", "inception_v3"), ("layers", "mixed4:0.5,mixed6:1.5"), ("layers", "mixed10,mixed0:-1"),
            ("layers", "mixed5[17]"), ("layers", "mixed5[butterfly]:0.5,mixed5[3],mixed5"),
            ("diversity", "0"), ("diversity", "0.75"), ("diversity", "1"), ("selectivity", "0.5"), ("selectivity", "1"),
            ("layers", "mixed4:guide:2"), ("layers", "mixed5[3+fern]:l2:2"), ("layers", "mixed5[3]@0.5x1:2"),
            ("octave_sizes", "auto"), ("octave_sizes", "1,90,65500"), ("octave_detail", "carry"), ("laplacian", "8"),
            ("normalization", "mean_absolute"), ("normalization", "maximum"), ("total_variation", "2"),
            ("photo_distance", "10"), ("parametrization", "fourier"), ("tile", "off"), ("tile", "128"),
            ("tile", "4096"), ("detail", "restore"), ("strength", "0.25"), ("preserve_color", "true"),
            ("preserve_brightness", "true"), ("mask_feather", "64"), ("from", "noise"),
            ("steps", "0"), ("steps", "2000"),
            ("step_size", "1"), ("step_size", "0.0125"), ("octaves", "12"),
            ("octave_scale", "1.05"), ("octave_scale", "4"), ("jitter", "256"), ("bands", "0,2"),
            ("bands", "0.5,1.25,64"), ("size", "1x65500"), ("size", "8192x8192"), ("size", "max:1"),
            ("size", "original"),
            ("seed", "18446744073709551615"), ("precision", "fast"), ("quality", "1"), ("quality", "100"),
            ("format", "png"),
        ])
    func roundTrip(name: String, value: String) throws {
        let first = try recipe((name, value))
        let written = value.map { ["[": "%5B", "]": "%5D", "+": "%2B"][$0] ?? String($0) }.joined()
        #expect(first.canonical.split(separator: "&").contains("\(name)=\(written)"))
        var second = Recipe.plain(model: "")
        try second.apply(Recipe.pairs(of: first.canonical))
        #expect(second == first)
    }

    @Test(
        "a value out of its field's bounds is refused, with what is allowed",
        arguments: [
            ("model", ""), ("layers", ""), ("layers", "mixed3,"), ("layers", "mixed3,mixed3"),
            ("layers", "mixed5[3],mixed5[3]:2"), ("layers", "mixed5[7],mixed5[07]"), ("layers", "mixed5[+7]"),
            ("layers", "[3]"),
            ("layers", "mixed5[]"), ("layers", "mixed5[3"),
            ("layers", "mixed5]"), ("layers", "mixed5[3]4"), ("layers", "mixed5[[3]]"), ("layers", "mixed3:0"),
            ("layers", "mixed3:nan"), ("layers", "mixed3:1:2"),
            ("layers", "mixed3@0.5"), ("layers", "mixed3@0.5x1.1"), ("layers", "mixed3@-0.1x0"),
            ("layers", "a@1x1@1x1"),
            ("layers", "mixed5[3+]"), ("layers", "mixed5:l2:guide"),
            ("octave_sizes", ""), ("octave_sizes", "0"), ("octave_sizes", "90,90"), ("octave_sizes", "90,80"),
            ("octave_sizes", "65501"), ("octave_sizes", "1,2,3,4,5,6,7,8,9,10,11,12"), ("octave_detail", "keep"),
            ("laplacian", "9"), ("normalization", "l1"), ("total_variation", "2.1"), ("photo_distance", "-1"),
            ("parametrization", "fft"), ("tile", "127"), ("tile", "4097"), ("tile", "none"), ("detail", "both"),
            ("strength", "1.01"), ("strength", "-0.1"), ("preserve_color", "yes"), ("preserve_brightness", "1"),
            ("mask_feather", "65"), ("from", "guide"),
            ("diversity", "-0.1"), ("diversity", "1.01"), ("diversity", "nan"), ("selectivity", "-0.1"),
            ("selectivity", "1.01"),
            ("steps", "-1"),
            ("steps", "2001"), ("steps", "1.5"), ("steps", " 1"), ("steps", ""), ("step_size", "0"),
            ("step_size", "1.01"), ("step_size", "inf"), ("octaves", "0"), ("octaves", "13"), ("octave_scale", "1"),
            ("octave_scale", "4.1"), ("jitter", "257"), ("bands", ""), ("bands", "-1"), ("bands", "65"),
            ("bands", "0,,2"), ("bands", "1,2,3,4,5,6,7,8,9"), ("size", "0x75"),
            ("size", "75x65501"), ("size", "8193x8192"),
            ("size", "75"), ("size", "max:0"), ("size", "75x75x75"), ("size", "Original"), ("seed", "-1"),
            ("seed", "18446744073709551616"), ("precision", "half"), ("quality", "0"), ("quality", "101"),
            ("format", "gif"),
        ])
    func badValue(name: String, value: String) throws {
        let field = try #require(Recipe.fields.first { $0.name == name })
        let error = #expect(throws: RecipeError.self) { try recipe((name, value)) }
        let refused = RecipeError.invalidValue(field: name, value: value, allowed: field.allowed)
        #expect("\(try #require(error))".hasPrefix("\(refused)"))
    }

    @Test(
        "a size in another spelling is refused with what it may mean",
        arguments: [("1024", "max:1024"), ("640X480", "640x480"), ("640*480", "640x480"), ("512px", "max:512")])
    func suggestions(value: String, meant: String) throws {
        let error = #expect(throws: RecipeError.self) { try recipe(("size", value)) }
        #expect("\(try #require(error))".hasSuffix("did you mean \(meant)?"))
    }

    @Test("a value of more than 4096 bytes is refused, even if it would be allowed otherwise")
    func longValues() throws {
        func steps(zeros: Int) throws -> Recipe { try recipe(("steps", String(repeating: "0", count: zeros) + "7")) }
        #expect(try steps(zeros: 4095).steps == 7)
        #expect(throws: RecipeError.self) { try steps(zeros: 4096) }
    }

    @Test("a field that does not exist, or is given twice, is refused")
    func names() {
        #expect(throws: RecipeError.unknownField(name: "colour", allowed: Recipe.fieldNames)) {
            try recipe(("colour", "red"))
        }
        #expect(throws: RecipeError.repeatedField(name: "seed")) { try recipe(("seed", "1"), ("seed", "1")) }
    }

    @Test("a preset is applied before the other fields, wherever it is in the list")
    func preset() throws {
        let classic = try recipe(("steps", "7"), ("octaves", "3"), ("preset", "classic"))
        #expect(classic.size == .exact(width: 225, height: 225))
        #expect(classic.steps == 7 && classic.octaves == 3 && classic.stepSize == 0.01)
        #expect(
            throws: RecipeError.invalidValue(
                field: "preset", value: "new", allowed: Preset.all.map(\.name).joined(separator: ", "))
        ) {
            try recipe(("preset", "new"))
        }
    }

    @Test("the embedded model recommends a recipe that it can run; a layer it lacks is refused")
    func model() throws {
        let model = try VisionModel.embedded()
        var recipe = try Recipe.recommended(for: model)
        #expect(recipe.model == model.name)
        for (name, value) in Recipe.pairs(of: try #require(model.metadata["recipe"])) {
            #expect(Recipe.fields.first { $0.name == name }?.text(recipe) == value)
        }
        recipe.layers = [LayerWeight("mixed3"), LayerWeight("mixed11")]
        #expect(throws: RecipeError.self) { try recipe.validate(for: model) }
    }

    @Test("a channel can be named by its number or by the model's name for it, and by nothing else")
    func channels() throws {
        let statistics = TestFiles.fixture("inception_v3_calibration.safetensors", of: "VisionNetTests")
        let model = try VisionModel(
            name: "named", width: .full, metadata: ["channels.mixed5": "butterfly=5+69,fern=7"],
            weights: GeneratedWeights(statistics: SafetensorsFile(path: statistics.path)))
        let found = try recipe(
            ("layers", "mixed5[butterfly]:0.5,mixed4[767],mixed3"), ("diversity", "0.5"), ("selectivity", "0.25")
        ).objective(in: model)
        #expect(
            found == [
                .init(layer: "mixed5", channels: [5, 69], weight: 0.5, diversity: 0.5, selectivity: 0.25),
                .init(layer: "mixed4", channels: [767], diversity: 0.5, selectivity: 0.25),
                .init(layer: "mixed3", diversity: 0.5),
            ])
        // A set of channels, a place, and the name of a channel alone, which only one layer has.
        let more = try recipe(("layers", "mixed5[fern+9],mixed4[3]@0.25x1:2,butterfly")).objective(in: model)
        #expect(
            more == [
                .init(layer: "mixed5", channels: [7, 9]),
                .init(layer: "mixed4", channels: [3], position: .init(x: 0.25, y: 1), weight: 2),
                .init(layer: "mixed5", channels: [5, 69]),
            ])
        for (value, allowed) in [
            ("mixed5[768]", "mixed5[0] to mixed5[767], mixed5[butterfly], mixed5[fern]"),
            ("mixed5[moth]", "mixed5[0] to mixed5[767], mixed5[butterfly], mixed5[fern]"),
            ("mixed4[fern]", "mixed4[0] to mixed4[767]"), ("mixed4[-1]", "mixed4[0] to mixed4[767]"),
        ] {
            #expect(throws: RecipeError.invalidValue(field: "layers", value: value, allowed: allowed)) {
                try recipe(("layers", value)).validate(for: model)
            }
        }
    }

    @Test("full precision replaces a recommended one that this processor lacks")
    func recommendedPrecision() throws {
        let statistics = TestFiles.fixture("inception_v3_calibration.safetensors", of: "VisionNetTests")
        let model = try VisionModel(
            name: "quick", width: .full, metadata: ["recipe": "precision=fast"],
            weights: GeneratedWeights(statistics: SafetensorsFile(path: statistics.path)))
        #expect(try Recipe.recommended(for: model).precision == (Precision.fast.isAvailable ? .fast : .full))
    }

    @Test(
        "a dream's size follows from the photo's",
        arguments: [
            (OutputSize.longerSide(512), 1024, 768, 512, 384), (.longerSide(512), 300, 200, 300, 200),
            (.original, 4000, 3000, 4000, 3000), (.original, 50, 100, 50, 100), (.longerSide(100), 1000, 100, 100, 10),
            (.original, 1, 2, 1, 2), (.longerSide(100), 3000, 4, 100, 1), (.longerSide(100), 2000, 30, 100, 2),
            (.exact(width: 225, height: 225), 10, 3000, 225, 225),
        ])
    func size(size: OutputSize, width: Int, height: Int, expectedWidth: Int, expectedHeight: Int) {
        let (foundWidth, foundHeight) = size.resolved(forWidth: width, height: height)
        #expect(foundWidth == expectedWidth && foundHeight == expectedHeight)
    }
}
