import DeepDream
import Imaging
import Testing
import VisionNet

/// What of the photo stays in a dream, and what a recipe needs.
@Suite("What stays of the photo", .serialized)
struct KeptPhotoTests {
    private func photo(width: Int = 120, height: Int = 96) -> Image {
        var state: UInt32 = 9
        let pixels = (0..<3 * width * height).map { index -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            // A hard edge in the middle, with some noise on both sides.
            return UInt8((index / 3 % width < width / 2 ? 40 : 200) + Int(state >> 28))
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    private func dream(_ inputs: DreamInputs, _ pairs: (String, String)...) throws -> Image {
        var recipe = Recipe.plain(model: "embedded")
        try recipe.apply([("layers", "mixed1"), ("size", "original"), ("steps", "2"), ("step_size", "0.05")])
        try recipe.apply(pairs.map { (name: $0.0, value: $0.1) })
        return try Dreamer(model: .embedded(), options: ComputeOptions(threads: 2)).dream(inputs, recipe: recipe)
    }

    private func plain(_ value: UInt8) -> Image {
        Image(width: 3, height: 2, pixels: [UInt8](repeating: value, count: 18))
    }

    @Test("strength 0 and a black mask give the photo, strength 1 and a white mask the dream")
    func ends() throws {
        let photo = photo()
        let whole = try dream(DreamInputs(photo: photo))
        #expect(try dream(DreamInputs(photo: photo), ("strength", "0")) == photo)
        #expect(try dream(DreamInputs(photo: photo, mask: plain(0))) == photo)
        #expect(whole != photo)
        let white = try dream(DreamInputs(photo: photo, mask: plain(255)))
        #expect(zip(white.pixels, whole.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }

    @Test("detail=restore keeps the photo's size and its edges: no pixel changes by more than the small dream does")
    func restoration() throws {
        let photo = photo(width: 480, height: 384)
        let small = try dream(DreamInputs(photo: photo), ("size", "max:120"))
        let restored = try dream(DreamInputs(photo: photo), ("size", "max:120"), ("detail", "restore"))
        #expect((restored.width, restored.height) == (480, 384))
        let reduced = photo.resized(width: 120, height: 96)
        func range(_ a: Image, _ b: Image) -> ClosedRange<Int> {
            let differences = zip(a.pixels, b.pixels).map { Int($0) - Int($1) }
            return (differences.min() ?? 0)...(differences.max() ?? 0)
        }
        let (change, allowed) = (range(restored, photo), range(small, reduced))
        #expect(change.lowerBound >= allowed.lowerBound - 1 && change.upperBound <= allowed.upperBound + 1)
        #expect(change.upperBound - change.lowerBound > 8, "it dreams: \(change)")
        // The hard edge, between columns 239 and 240, is as high as in the photo, but for the change, which is smooth.
        for row in 0..<384 {
            func step(_ image: Image) -> Int {
                Int(image.pixels[3 * (480 * row + 240)]) - Int(image.pixels[3 * (480 * row + 239)])
            }
            #expect(abs(step(restored) - step(photo)) <= 16)
        }
    }

    @Test("a dream from noise has the size asked for, needs no photo, and depends on the seed alone")
    func noise() throws {
        func noise(_ pairs: (String, String)...) throws -> Image {
            var recipe = Recipe.plain(model: "embedded")
            try recipe.apply([("layers", "mixed1"), ("size", "max:80"), ("from", "noise"), ("steps", "0")])
            try recipe.apply(pairs.map { (name: $0.0, value: $0.1) })
            return try Dreamer(model: .embedded()).dream(DreamInputs(), recipe: recipe)
        }
        let first = try noise()
        #expect((first.width, first.height) == (80, 80))
        #expect(try noise() == first)
        #expect(try noise(("seed", "1")) != first)
        #expect(try noise(("size", "100x60")).width == 100)
        let mean = first.pixels.reduce(0) { $0 + Double($1) } / Double(first.pixels.count)
        #expect(abs(mean - 127.5) < 2, "grey: \(mean)")
        #expect(Set(first.pixels).count > 30)
    }

    @Test(
        "fields and pictures that contradict each other are refused",
        arguments: [
            ([("laplacian", "3"), ("bands", "0,1")], "laplacian"),
            ([("parametrization", "fourier"), ("bands", "2")], "parametrization"),
            ([("parametrization", "fourier"), ("laplacian", "1")], "parametrization"),
            ([("parametrization", "fourier"), ("tile", "256")], "parametrization"),
            ([("from", "noise")], "size"), ([("from", "noise"), ("size", "80x80")], "from"),
            ([("from", "noise"), ("size", "80x80"), ("detail", "restore")], "detail"),
            ([("layers", "mixed4:guide")], "layers"),
            ([("layers", "mixed4[3]@0.5x0.5"), ("tile", "128"), ("size", "200x200")], "tile"),
        ])
    func contradictions(pairs: [(String, String)], field: String) throws {
        var recipe = Recipe.plain(model: "embedded")
        try recipe.apply([("layers", "mixed1"), ("size", "original"), ("steps", "1")])
        try recipe.apply(pairs.map { (name: $0.0, value: $0.1) })
        let error = #expect(throws: RecipeError.self) {
            try Dreamer(model: .embedded()).dream(DreamInputs(photo: photo()), recipe: recipe)
        }
        guard case .contradiction(field, _, let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("a guide without a layer that looks for it is refused, and so is a missing photo")
    func missing() throws {
        #expect(throws: RecipeError.self) { try dream(DreamInputs(photo: photo(), guide: plain(9))) }
        #expect(throws: RecipeError.self) { try dream(DreamInputs()) }
    }

    @Test("explicit octaves have the sizes asked for, below the dream's own")
    func octaveSizes() throws {
        var recipe = Recipe.plain(model: "embedded")
        try recipe.apply([
            ("layers", "mixed1"), ("size", "original"), ("steps", "1"), ("octave_sizes", "40,80,100,200"),
        ])
        var octaves: [Int] = []
        _ = try Dreamer(model: .embedded()).dream(photo(), recipe: recipe) { octaves.append($0.octaves) }
        // 40 is too small for the network, 200 larger than the dream.
        #expect(octaves == [3, 3, 3])
    }

    @Test("progress counts pixels: a small octave's steps are a small part of the work")
    func fraction() throws {
        var recipe = Recipe.plain(model: "embedded")
        try recipe.apply([
            ("layers", "mixed1"), ("size", "240x192"), ("steps", "2"), ("octaves", "2"), ("octave_scale", "2"),
        ])
        var fractions: [Double] = []
        _ = try Dreamer(model: .embedded()).dream(photo(), recipe: recipe) { fractions.append($0.fraction) }
        #expect(zip(fractions, [0.1, 0.2, 0.6, 1]).allSatisfy { abs($0 - $1) < 1e-9 }, "\(fractions)")
    }
}
