import DeepDream
import Testing
import VisionNet

@Suite("Presets")
struct PresetTests {
    /// Tensors that are never read, as no preset is dreamed here.
    private struct NoWeights: WeightSource {
        func check(_ name: String, shape: [Int]) {}
        func contains(_ name: String) -> Bool { true }
        func tensor(named name: String, shape: [Int]) throws -> [Float] {
            throw ModelError.missingTensor(name: name, file: "a test without weights")
        }
    }

    @Test("each preset has a recipe that its network can dream", arguments: Preset.all)
    func validity(preset: Preset) throws {
        for network in Network.all where preset.network == nil || preset.network == network.name {
            let model = try VisionModel(name: network.name, network: network, weights: NoWeights())
            var recipe = try Recipe.recommended(for: model)
            try recipe.apply([("preset", preset.name)])
            try recipe.validate(for: model)
        }
    }

    @Test("no two presets of a network have one recipe")
    func difference() throws {
        let model = try VisionModel(name: "m", network: .efficientNetLite0, weights: NoWeights())
        let recipes = try Preset.all.filter { $0.network == model.network.name || $0.network == nil }.map { preset in
            var recipe = try Recipe.recommended(for: model)
            try recipe.apply([("preset", preset.name)])
            return recipe
        }
        #expect(Set(recipes).count == recipes.count)
    }

    @Test("subtle, medium, recommended and wild are stronger and stronger dreams of every network's recommendation")
    func intensities() throws {
        for network in Network.all {
            let model = try VisionModel(name: network.name, network: network, weights: NoWeights())
            let recipes = try ["subtle", "medium", "recommended", "wild"].map { preset in
                var recipe = try Recipe.recommended(for: model)
                try recipe.apply([("preset", preset)])
                return recipe
            }
            for (weaker, stronger) in zip(recipes, recipes.dropFirst()) {
                #expect(weaker.layers == stronger.layers)
                #expect(weaker.steps < stronger.steps && weaker.stepSize < stronger.stepSize)
                #expect(weaker.octaves <= stronger.octaves)
            }
        }
    }

    @Test(
        "the intensities of EfficientNet-Lite0 have the values that were chosen by looking",
        arguments: [
            ("subtle", "steps=7&step_size=0.0252&octaves=4&bands=1,4"), ("medium", "steps=9&step_size=0.0288"),
            ("wild", "steps=22&step_size=0.0396&octaves=6&color_decorrelation=0.8"),
        ])
    func chosenIntensities(preset: String, changes: String) throws {
        let model = try VisionModel(name: "m", network: .efficientNetLite0, weights: NoWeights())
        var (recipe, chosen) = (try Recipe.recommended(for: model), try Recipe.recommended(for: model))
        try recipe.apply([("preset", preset)])
        try chosen.apply(Recipe.pairs(of: changes))
        #expect(recipe == chosen)
    }

    @Test("every network recommends a recipe of its own layers", arguments: Network.all.map(\.name))
    func recommendations(network name: String) throws {
        let model = try VisionModel(name: "m", network: Network.named(name), weights: NoWeights())
        _ = try Recipe.recommended(for: model)
    }

    @Test("a class of ImageNet is found without regard to case, and a similar name is offered")
    func classes() throws {
        let model = try VisionModel(name: "m", network: .efficientNetLite0, weights: NoWeights())
        func objective(_ layers: String) throws -> [GradientPlan.Term] {
            var recipe = try Recipe.recommended(for: model)
            try recipe.apply([("layers", layers)])
            return try recipe.objective(in: model)
        }
        #expect(try objective("logits[Monarch_Butterfly]").map(\.channels) == [[323]])
        #expect(try objective("logits[323]") == objective("logits[monarch butterfly]"))
        for wrong in ["logits[monarch]", "logits[monarch buterfly]"] {
            let error = #expect(throws: RecipeError.self) { try objective(wrong) }
            #expect("\(try #require(error))".contains("logits[monarch butterfly]"))
        }
    }

    @Test("the mean of a whole layer without a ReLU is refused, and squares are offered")
    func linearLayers() throws {
        let model = try VisionModel(name: "m", network: .efficientNetLite0, weights: NoWeights())
        var recipe = try Recipe.recommended(for: model)
        try recipe.apply([("layers", "b10")])
        let error = #expect(throws: RecipeError.self) { try recipe.validate(for: model) }
        #expect("\(try #require(error))".contains("b10:l2"))
        try recipe.apply([("layers", "b10:l2,b10[3],e11")])
        try recipe.validate(for: model)
        #expect(recipe.canonical.contains("layers=b10:l2,b10%5B3%5D,e11&"))
    }
}
