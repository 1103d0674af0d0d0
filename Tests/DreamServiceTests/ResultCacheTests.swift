import DeepDream
import DreamService
import TestSupport
import Testing
import VisionNet

/// Dreams that are kept for repeated requests.
@Suite struct ResultCacheTests {
    private let recipe: Recipe

    init() throws { recipe = try Recipe.recommended(for: VisionModel.embedded()) }

    private func identity(_ name: String) -> DreamIdentity {
        DreamIdentity(files: ["image": Array(name.utf8)], recipe: recipe, weights: "w", computation: "c")
    }

    private func result(bytes: Int) -> JobResult {
        JobResult(bytes: [UInt8](repeating: 1, count: bytes), recipe: recipe, stages: [])
    }

    @Test("dreams that were not asked for the longest are dropped first, and the bytes stay within the capacity")
    func eviction() {
        let cache = ResultCache(capacity: 40_000)
        for name in ["a", "b", "c"] { cache.keep(result(bytes: 10_000), for: identity(name)) }
        #expect(cache.result(for: identity("a")) != nil)
        cache.keep(result(bytes: 10_000), for: identity("d"))
        #expect(cache.usedBytes <= 40_000)
        #expect(cache.result(for: identity("b")) == nil)
        for name in ["a", "c", "d"] { #expect(cache.result(for: identity(name)) != nil, "\(name)") }
    }

    @Test("a dream larger than the capacity is not kept and drops no other")
    func tooLarge() {
        let cache = ResultCache(capacity: 20_000)
        cache.keep(result(bytes: 1000), for: identity("small"))
        cache.keep(result(bytes: 20_000), for: identity("large"))
        #expect(cache.result(for: identity("large")) == nil)
        #expect(cache.result(for: identity("small")) != nil)
    }

    @Test("a dream that is kept twice counts once")
    func again() {
        let cache = ResultCache(capacity: 40_000)
        cache.keep(result(bytes: 10_000), for: identity("a"))
        let once = cache.usedBytes
        cache.keep(result(bytes: 10_000), for: identity("a"))
        #expect(cache.usedBytes == once)
    }

    @Test("a lower capacity drops dreams at once, and 0 keeps none")
    func lowerCapacity() {
        let cache = ResultCache(capacity: 40_000)
        for name in ["a", "b"] { cache.keep(result(bytes: 10_000), for: identity(name)) }
        cache.setCapacity(15_000)
        #expect(cache.result(for: identity("a")) == nil && cache.result(for: identity("b")) != nil)
        cache.setCapacity(0)
        #expect(cache.usedBytes == 0)
        cache.keep(result(bytes: 1), for: identity("a"))
        #expect(cache.result(for: identity("a")) == nil)
    }

    @Test("an identity depends on every file, its field, the recipe, the weights and the computation")
    func identities() {
        var other = recipe
        other.seed = 7
        let photo: [UInt8] = [1, 2, 3]
        let identities = [
            DreamIdentity(files: ["image": photo], recipe: recipe, weights: "w", computation: "c"),
            DreamIdentity(files: ["image": [1, 2, 4]], recipe: recipe, weights: "w", computation: "c"),
            DreamIdentity(files: ["guide": photo], recipe: recipe, weights: "w", computation: "c"),
            DreamIdentity(files: ["image": photo, "guide": photo], recipe: recipe, weights: "w", computation: "c"),
            DreamIdentity(files: ["image": photo], recipe: other, weights: "w", computation: "c"),
            DreamIdentity(files: ["image": photo], recipe: recipe, weights: "w2", computation: "c"),
            DreamIdentity(files: ["image": photo], recipe: recipe, weights: "w", computation: "2c"),
        ]
        #expect(Set(identities).count == identities.count)
        #expect(
            identities[0] == DreamIdentity(files: ["image": photo], recipe: recipe, weights: "w", computation: "c"))
    }
}
