import DeepDream
import Foundation
import Imaging
import TestSupport
import Testing
import VisionNet

/// Plain dreams of every network with generated weights against PyTorch's in double precision, as
/// `make_network_references.py` made them.
@Suite("Dreams of PyTorch's networks", .serialized, .timeLimit(.minutes(10)))
struct NetworkDreamTests {
    static let networks = Network.all.map(\.name).filter { !["inception_v3", "efficientnet_lite0"].contains($0) }

    @Test("have PyTorch's pixels", arguments: networks)
    func pixels(network name: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let url = TestFiles.fixture("\(name)_reference.json", of: "VisionNetTests")
        let reference = try decoder.decode(NetworkReference.self, from: Data(contentsOf: url))
        let expected = try #require(reference.dream)
        let network = try Network.named(name)
        let model = try VisionModel(
            name: name, network: network,
            weights: CenteredWeights(network, variances: try #require(reference.variances)))
        var recipe = Recipe.plain(model: name)
        try recipe.apply(Recipe.pairs(of: "\(expected.recipe)&size=\(reference.width)x\(reference.height)"))
        let picture = Image(
            width: reference.width, height: reference.height,
            pixels: GeneratedWeights.formulaPicture(height: reference.height, width: reference.width))
        let dream = try Dreamer(model: model, options: ComputeOptions()).dream(picture, recipe: recipe) { _ in }
        let found = NetworkReference.sample(dream.pixels, name: "dream", count: expected.values.count)
        let differences = zip(found, expected.values).map { abs(Int($0) - Int($1)) }
        // Steps follow decisions of ReLUs and pools that rounding flips, so PyTorch's dreams in float32 differ, too.
        let share = Double(differences.count { $0 != 0 }) / Double(differences.count)
        #expect(share <= max(3 * expected.float32Different, 0.02), "\(share), \(expected.float32Different)")
        // Where one was flipped, a few pixels may differ by more.
        let far = differences.count { $0 > 2 }
        #expect(far <= differences.count / 50, "\(far) of \(differences.count) differ by more than 2")
        let photo = NetworkReference.sample(picture.pixels, name: "dream", count: expected.values.count)
        let changed = zip(photo, expected.values).count { $0 != $1 }
        #expect(changed > expected.values.count / 2)
    }
}
