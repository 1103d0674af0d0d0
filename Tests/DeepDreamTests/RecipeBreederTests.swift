import DeepDream
import Testing
import VisionNet

/// Recipes bred from others.
@Suite struct RecipeBreederTests {
    private func children(_ count: Int, of parents: [Recipe], seed: UInt64) throws -> [Recipe] {
        var breeder = RecipeBreeder(model: try .embedded(), seed: seed)
        return (0..<count).map { _ in breeder.child(of: parents) }
    }

    @Test("can all be dreamt, differ, and depend on nothing but their parents and the seed")
    func children() throws {
        let model = try VisionModel.embedded()
        var parent = try Recipe.recommended(for: model)
        parent.layers = [LayerWeight("mixed4")]
        let first = try children(200, of: [parent], seed: 5)
        for child in first { try child.validate(for: model) }
        #expect(Set(first.map(\.canonical)).count == first.count)
        #expect(first == (try children(200, of: [parent], seed: 5)))
        #expect(first != (try children(200, of: [parent], seed: 6)))
        // Each field that breeding changes is changed in some child.
        #expect(first.contains { $0.steps != parent.steps } && first.contains { $0.octaves != parent.octaves })
        #expect(first.contains { $0.layers != parent.layers } && first.contains { $0.bands != parent.bands })
        #expect(first.contains { $0.layers.count > parent.layers.count })
        #expect(first.contains { $0.layers.first?.channel != nil })
    }

    @Test("have from their parents what is not changed")
    func inheritance() throws {
        let model = try VisionModel.embedded()
        var (mother, father) = (try Recipe.recommended(for: model), try Recipe.recommended(for: model))
        mother.steps = 4
        father.steps = 50
        (mother.jitter, father.jitter) = (7, 7)
        let children = try children(100, of: [mother, father], seed: 1)
        #expect(children.allSatisfy { $0.jitter == 7 })
        #expect(children.count { $0.steps == 4 } > 20 && children.count { $0.steps == 50 } > 20)
    }
}
