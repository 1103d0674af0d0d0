import DeepDream
import Imaging
import TestSupport
import Testing
import VisionNet

/// What holds for dreams with any network.
@Suite("Dreamer", .serialized)
struct DreamerTests {
    private func photo(width: Int, height: Int) -> Image {
        var state: UInt32 = 1
        let pixels = (0..<3 * width * height).map { index -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8((index / 7 % 128) + Int(state >> 25))
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    private func recipe(_ pairs: (name: String, value: String)...) throws -> Recipe {
        var recipe = Recipe.plain(model: "embedded")
        try recipe.apply([("layers", "mixed1"), ("size", "original"), ("steps", "2")])
        try recipe.apply(pairs)
        return recipe
    }

    private func dreamer(threads: Int = 1) throws -> Dreamer {
        try Dreamer(model: .embedded(), options: ComputeOptions(threads: threads))
    }

    @Test("progress counts every step of every octave, in order")
    func progress() throws {
        var seen: [DreamProgress] = []
        _ = try dreamer().dream(photo(width: 160, height: 96), recipe: recipe(("octaves", "3"), ("steps", "2"))) {
            seen.append($0)
        }
        #expect(seen.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(seen.map(\.octave) == [1, 1, 2, 2, 3, 3])
        #expect(seen.map(\.isFirstOfOctave) == [true, false, true, false, true, false])
        #expect(seen.allSatisfy { $0.totalSteps == 6 && $0.octaves == 3 && $0.objective.isFinite })
    }

    private struct Cancelled: Error {}

    @Test("an error thrown by progress ends the dream at that step, and does not affect later dreams")
    func cancellation() throws {
        let dreamer = try dreamer()
        let recipe = try recipe(("octaves", "2"), ("jitter", "9"), ("bands", "0,1"))
        let photo = photo(width: 110, height: 90)
        let whole = try dreamer.dream(photo, recipe: recipe)
        for last in 1...4 {
            var steps = 0
            #expect(throws: Cancelled.self) {
                try dreamer.dream(photo, recipe: recipe) { _ in
                    steps += 1
                    if steps == last { throw Cancelled() }
                }
            }
            #expect(steps == last)
        }
        #expect(try dreamer.dream(photo, recipe: recipe) == whole)
    }

    @Test(
        "a dream is cancelled within a step, or while its plan is made, and this does not affect later dreams",
        arguments: ["off", "128"])
    func cancellationWithinStep(tile: String) throws {
        let dreamer = try dreamer()
        let recipe = try recipe(("octaves", "1"), ("jitter", "9"), ("tile", tile))
        let inputs = DreamInputs(photo: photo(width: 200, height: 150))
        let asked = Tally()
        var askedInFirstStep = 0
        let whole = try dreamer.dream(
            inputs, recipe: recipe,
            isCancelled: {
                asked.add()
                return false
            },
            watching: { step, _ in if step.step == 1 { askedInFirstStep = asked.count } })
        #expect(askedInFirstStep > 50)
        for last in [1, askedInFirstStep / 4, askedInFirstStep / 2, askedInFirstStep - 1] {
            let asked = Tally()
            #expect(throws: CancellationError.self) {
                _ = try dreamer.dream(
                    inputs, recipe: recipe,
                    isCancelled: {
                        asked.add()
                        return asked.count >= last
                    }, watching: { step, _ in Issue.record("step \(step.step) was done after \(last) questions") })
            }
        }
        #expect(try dreamer.dream(inputs, recipe: recipe, watching: { _, _ in }) == whole)
    }

    @Test("what a network sees is not found out when nobody wants it any more")
    func cancelledSight() throws {
        let dreamer = try dreamer()
        let photo = photo(width: 100, height: 80)
        let asked = Tally()
        _ = try dreamer.see(
            photo, SightQuestion(),
            isCancelled: {
                asked.add()
                return false
            })
        let whole = asked.count
        #expect(whole > 20)
        for last in [1, whole / 2, whole] {
            let asked = Tally()
            #expect(throws: CancellationError.self) {
                try dreamer.see(
                    photo, SightQuestion(),
                    isCancelled: {
                        asked.add()
                        return asked.count >= last
                    })
            }
        }
    }

    @Test("the picture does not depend on the number of threads or on earlier dreams")
    func determinism() throws {
        let recipe = try recipe(("octaves", "2"), ("jitter", "5"), ("bands", "0,2"), ("layers", "mixed5,mixed2"))
        let photo = photo(width: 131, height: 97)
        let expected = try dreamer().dream(photo, recipe: recipe)
        for threads in [2, 3, 5] {
            let dreamer = try dreamer(threads: threads)
            #expect(try dreamer.dream(photo, recipe: recipe) == expected, "\(threads) threads")
            // Dreams of a larger and a smaller picture come between two dreams that must be equal.
            _ = try dreamer.dream(self.photo(width: 230, height: 190), recipe: self.recipe())
            _ = try dreamer.dream(self.photo(width: 75, height: 75), recipe: self.recipe(("steps", "1")))
            #expect(try dreamer.dream(photo, recipe: recipe) == expected, "\(threads) threads, again")
        }
    }

    @Test("the seed changes the picture if there is jitter, and only then")
    func seeds() throws {
        let dreamer = try dreamer()
        let photo = photo(width: 90, height: 80)
        func dream(_ jitter: String, _ seed: String) throws -> Image {
            try dreamer.dream(photo, recipe: recipe(("jitter", jitter), ("seed", seed)))
        }
        #expect(try dream("8", "1") == dream("8", "1"))
        #expect(try dream("8", "1") != dream("8", "2"))
        #expect(try dream("0", "1") == dream("0", "2"))
    }

    @Test("a recipe without steps gives the photo itself, and reports no progress", arguments: ["1", "4"])
    func noSteps(octaves: String) throws {
        let photo = photo(width: 100, height: 80)
        var calls = 0
        let dream = try dreamer().dream(photo, recipe: recipe(("steps", "0"), ("octaves", octaves))) { _ in calls += 1 }
        #expect(Fixtures.psnr(dream, photo) > 60)
        #expect(calls == 0)
    }

    @Test(
        "the ends of the recipe's ranges give a picture",
        arguments: [
            [("jitter", "256"), ("bands", "64,64,64,64,64,64,64,64")], [("octaves", "12"), ("octave_scale", "4")],
            [("octaves", "12"), ("octave_scale", "1.05")], [("layers", "mixed0:-1000000,mixed1:0.000001")],
            [("layers", "mixed10")], [("step_size", "1")], [("layers", "mixed0:1e-30")],
            [("layers", "mixed10,mixed2:-1"), ("diversity", "1")], [("diversity", "1e-300")],
            [("layers", "mixed10[3],mixed0[0]:1e-6"), ("selectivity", "1"), ("diversity", "1")],
        ])
    func extremes(pairs: [(String, String)]) throws {
        var recipe = try recipe(("steps", "1"))
        try recipe.apply(pairs.map { (name: $0.0, value: $0.1) })
        let dream = try dreamer(threads: 2).dream(photo(width: 75, height: 83), recipe: recipe)
        #expect((dream.width, dream.height) == (75, 83))
        #expect(Set(dream.pixels).count > 50)
    }

    @Test("a layer that the model lacks is refused")
    func unknownLayer() throws {
        #expect(throws: RecipeError.self) {
            try dreamer().dream(photo(width: 80, height: 80), recipe: recipe(("layers", "mixed11")))
        }
    }

    @Test(
        "a photo smaller than the network's smallest side dreams at its own size",
        arguments: [(40, 30), (200, 9), (7, 160), (2, 1)])
    func smallPhotos(width: Int, height: Int) throws {
        let photo = photo(width: width, height: height)
        let dream = try dreamer(threads: 2).dream(photo, recipe: recipe(("steps", "3")))
        #expect((dream.width, dream.height) == (width, height))
        #expect(dream.pixels != photo.pixels)
    }

    /// The rows or columns of a picture that the network sees: what `numpy.pad` makes of `range(side)`, padded to 75 in
    /// mode "symmetric".
    private static let mirroredIndices: [Int: [Int]] = [
        60: Array((0...6).reversed()) + Array(0...59) + Array((52...59).reversed()),
        31: Array((0...21).reversed()) + Array(0...30) + Array((9...30).reversed()),
        2: (0..<75).map { [0, 1, 1, 0][$0 % 4] },
        1: [Int](repeating: 0, count: 75),
    ]

    @Test(
        "a picture smaller than the network's smallest side dreams like the middle of its mirror images",
        arguments: [(60, 31), (2, 1)])
    func mirrored(width: Int, height: Int) throws {
        let columns = try #require(Self.mirroredIndices[width])
        let rows = try #require(Self.mirroredIndices[height])
        let photo = photo(width: width, height: height)
        func pixels(_ image: Image, _ columns: some Sequence<Int>, _ rows: some Sequence<Int>) -> [UInt8] {
            rows.flatMap { row in
                columns.flatMap { image.pixels[3 * (row * image.width + $0)..<3 * (row * image.width + $0 + 1)] }
            }
        }
        let padded = Image(width: 75, height: 75, pixels: pixels(photo, columns, rows))
        let recipe = try recipe(("steps", "3"), ("jitter", "8"), ("bands", "0,2"))
        let (left, top) = ((75 - width) / 2, (75 - height) / 2)
        let whole = try dreamer().dream(padded, recipe: recipe)
        #expect(
            try dreamer().dream(photo, recipe: recipe).pixels
                == pixels(whole, left..<left + width, top..<top + height))
    }

    @Test(
        "octaves whose longer side is too small for the network are skipped, but never the dream's own",
        arguments: [
            // The sides are 160, 80, then 40, which is below InceptionV3's 75.
            (160, 20, 2), (75, 75, 1), (40, 30, 1),
        ])
    func skippedOctaves(width: Int, height: Int, octaves: Int) throws {
        var seen: [DreamProgress] = []
        let recipe = try recipe(("steps", "1"), ("octaves", "4"), ("octave_scale", "2"))
        _ = try dreamer().dream(photo(width: width, height: height), recipe: recipe) { seen.append($0) }
        #expect(seen.map(\.octave) == Array(1...octaves))
        #expect(seen.allSatisfy { $0.octaves == octaves && $0.totalSteps == octaves })
    }
}
