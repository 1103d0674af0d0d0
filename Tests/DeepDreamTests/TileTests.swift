import DeepDream
import Foundation
import Imaging
import Testing
import VisionNet

/// Gradients that are computed in tiles.
@Suite("Tiles", .serialized)
struct TileTests {
    private static let side = 320

    /// Smooth shapes with noise, from the formulas of the reference networks' picture.
    private func photo() -> Image {
        let side = Self.side
        var state: UInt32 = 1
        let pixels = (0..<3 * side * side).map { index -> UInt8 in
            let (x, y) = (Double(index / 3 % side), Double(index / 3 / side))
            state = state &* 1_664_525 &+ 1_013_904_223
            let waves = 40 * sin(x / 17) * cos(y / 23) + 30 * sin((x + 2 * y) / 41 + Double(index % 3))
            return UInt8(max(0, min(255, 120 + waves + Double(state >> 27))))
        }
        return Image(width: side, height: side, pixels: pixels)
    }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
        var (product, squaresA, squaresB) = (0.0, 0.0, 0.0)
        for (a, b) in zip(a, b) {
            product += (a - meanA) * (b - meanB)
            squaresA += (a - meanA) * (a - meanA)
            squaresB += (b - meanB) * (b - meanB)
        }
        return product / (squaresA * squaresB).squareRoot()
    }

    @Test(
        "a step in tiles goes where a step of the whole picture goes",
        arguments: [
            [], [("bands", "0,3")], [("laplacian", "3")], [("jitter", "40"), ("seed", "3")],
            [("color_decorrelation", "1"), ("normalization", "mean_absolute")],
        ])
    func direction(pairs: [(String, String)]) throws {
        let whole = try dreamChange(pairs + [("tile", "off")])
        let tiled = try dreamChange(pairs + [("tile", "256")])
        // Near the picture's border the whole picture sees zeros beyond it, the tiles its mirror image.
        let margin = 64
        let found = correlation(inner(whole, margin: margin), inner(tiled, margin: margin))
        // Near the tiles' own borders, too, the network sees less than it would; unrelated dreams have about 0.
        #expect(found > 0.9, "\(found)")
        let sizes = [whole, tiled].map { ($0.reduce(0) { $0 + $1 * $1 } / Double($0.count)).squareRoot() }
        #expect(abs(sizes[1] / sizes[0] - 1) < 0.05, "a step has the same length: \(sizes)")
    }

    /// What a dream has changed in the photo.
    private func dreamChange(_ pairs: [(String, String)]) throws -> [Double] {
        var recipe = Recipe.plain(model: "embedded")
        try recipe.apply([("layers", "mixed3"), ("size", "original"), ("steps", "1"), ("step_size", "0.1")])
        try recipe.apply(pairs.map { (name: $0.0, value: $0.1) })
        let photo = photo()
        let dream = try Dreamer(model: .embedded(), options: ComputeOptions(threads: 2)).dream(photo, recipe: recipe)
        return zip(dream.pixels, photo.pixels).map { Double($0) - Double($1) }
    }

    /// The pixels that are farther from the picture's border.
    private func inner(_ change: [Double], margin: Int) -> [Double] {
        var values: [Double] = []
        for row in margin..<Self.side - margin {
            let first = 3 * row * Self.side
            values += change[first + 3 * margin..<first + 3 * (Self.side - margin)]
        }
        return values
    }

    @Test("the grid of tiles cannot be seen: what changes at their borders is as rough as elsewhere")
    func seams() throws {
        let recipe = [("steps", "8"), ("step_size", "0.03")]
        let tiled = try dreamChange(recipe + [("tile", "160")])
        let whole = try dreamChange(recipe + [("tile", "off")])
        let axis = TileAxis(length: Self.side, longest: 160)
        #expect(axis.count > 1)
        // The columns where tiles begin and end in any step, and all others but the picture's own border.
        var borders: Set<Int> = []
        for shift in stride(from: 0, through: axis.slack, by: 32) {
            for start in axis.starts(shift: shift) {
                for border in [start, start + axis.tile] {
                    borders.formUnion(border - 1...border + 1)
                }
            }
        }
        borders.formIntersection(16..<Self.side - 16)
        let others = Set(16..<Self.side - 16).subtracting(borders)
        #expect(borders.count > 20 && others.count > 20)
        /// The mean square of the differences between neighbours in some columns.
        func roughness(_ change: [Double], _ columns: Set<Int>) -> Double {
            var sum = 0.0
            for column in columns {
                for row in 16..<Self.side - 16 {
                    let index = 3 * (row * Self.side + column)
                    let across = change[index] - change[index - 3]
                    sum += across * across
                }
            }
            return sum / Double(columns.count)
        }
        let tiledRatio = roughness(tiled, borders) / roughness(tiled, others)
        let wholeRatio = roughness(whole, borders) / roughness(whole, others)
        #expect(abs(tiledRatio / wholeRatio - 1) < 0.1, "\(tiledRatio), of the whole picture \(wholeRatio)")
    }

    @Test(
        "the weights of the tiles add up to 1 everywhere, and their borders move",
        arguments: [(129, 128), (400, 128), (512, 130), (4000, 512), (6000, 512), (8192, 200)])
    func weights(length: Int, longest: Int) {
        let axis = TileAxis(length: length, longest: longest)
        #expect(axis.tile <= longest)
        var starts: Set<[Int]> = []
        for shift in stride(from: 0, through: axis.slack, by: 32) {
            let tiles = axis.starts(shift: shift)
            starts.insert(tiles)
            var total = [Float](repeating: 0, count: length)
            for (start, weights) in zip(tiles, axis.weights(ofTilesAt: tiles)) {
                for (index, weight) in weights.enumerated() where 0..<length ~= start + index {
                    total[start + index] += weight
                }
            }
            #expect(total.allSatisfy { abs($0 - 1) < 1e-5 })
        }
        #expect(starts.count > 2)
        // The picture is covered at most twice, however long it is.
        #expect(axis.count * axis.tile < 2 * length + 2 * longest)
    }

    @Test("a picture that fits into a tile is one tile, as without tiles")
    func oneTile() throws {
        #expect(try dreamChange([("tile", "320")]) == dreamChange([("tile", "off")]))
    }

    @Test("tiles do not depend on the number of threads")
    func determinism() throws {
        var recipe = Recipe.plain(model: "embedded")
        try recipe.apply(
            [("layers", "mixed1"), ("size", "200x150"), ("steps", "2"), ("tile", "128"), ("bands", "0,2")])
        let dreams = try [1, 2, 3].map { threads in
            try Dreamer(model: .embedded(), options: ComputeOptions(threads: threads)).dream(photo(), recipe: recipe)
        }
        #expect(dreams[1] == dreams[0] && dreams[2] == dreams[0])
    }
}
