import ArgumentParser
import DeepDream
import VisionNet

/// The generations of an evolution: a directory for each, with its recipes, its pictures and their contact sheet.
struct Evolution {
    /// A generation of variants.
    struct Generation {
        let directory: String
        let recipes: [Recipe]

        /// The file of a variant, counted from 1.
        func picture(_ number: Int) -> String { "\(directory)/\(number).jpg" }

        /// The contact sheet.
        var sheet: String { "\(directory)/sheet.jpg" }
    }

    private let directory: String
    private let model: VisionModel

    init(directory: String, model: VisionModel) throws {
        (self.directory, self.model) = (directory, model)
        try Files.createDirectory(directory)
    }

    private func path(_ number: Int) -> String { "\(directory)/generation-\(number)" }
    private func recipesFile(_ number: Int) -> String { "\(path(number))/recipes.txt" }

    /// The last generation, or without any the first; with picks, the one that follows from them.
    ///
    /// The picks are written with the recipes, so that a call that is repeated after an interruption does not breed
    /// another generation.
    ///
    /// - Parameters:
    ///   - picks: numbers of variants of the last generation.
    ///   - count: how many variants a new generation has.
    ///   - seed: decides what changes in a new generation.
    func generation(picking picks: [Int]?, count: Int, seed: UInt64) throws -> Generation {
        var last = 0
        while Files.exists(recipesFile(last + 1)) { last += 1 }
        guard let picks else {
            if last > 0 { return try read(last).generation }
            return try breed(1, from: [try Recipe.recommended(for: model)], keeping: 0, picks: [], count, seed)
        }
        guard last > 0 else {
            throw ValidationError("there is no generation to pick from in \(directory); call this without --pick first")
        }
        let (generation, oldPicks) = try read(last)
        // The same call again, after an interruption: some of the pictures are missing.
        let isWhole = Files.exists(generation.sheet)
        if !isWhole, oldPicks == picks { return generation }
        guard isWhole else {
            throw ValidationError("generation \(last) is not finished; call this without --pick first")
        }
        if let wrong = picks.first(where: { $0 > generation.recipes.count }) {
            throw ValidationError(
                "--pick cannot be \(wrong); generation \(last) has the variants 1 to \(generation.recipes.count)")
        }
        let parents = picks.map { generation.recipes[$0 - 1] }
        return try breed(last + 1, from: parents, keeping: parents.count, picks: picks, count, seed)
    }

    private func breed(
        _ number: Int, from parents: [Recipe], keeping kept: Int, picks: [Int], _ count: Int, _ seed: UInt64
    ) throws -> Generation {
        var breeder = RecipeBreeder(model: model, seed: seed &+ UInt64(number) &* 0x1_0000_0001)
        let own = number == 1 ? parents : Array(parents.prefix(min(kept, count - 1)))
        let recipes = own + (own.count..<count).map { _ in breeder.child(of: parents) }
        let lines = ["picks=\(picks.map(String.init).joined(separator: ","))"] + recipes.map(\.canonical)
        try Files.createDirectory(path(number))
        try Files.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: recipesFile(number))
        return Generation(directory: path(number), recipes: recipes)
    }

    private func read(_ number: Int) throws -> (generation: Generation, picks: [Int]) {
        let lines = String(decoding: try Files.read(recipesFile(number)), as: UTF8.self).split(separator: "\n")
        let picks = EvolveCommand.numbers(in: String(lines.first?.dropFirst("picks=".count) ?? "")) ?? []
        let recipes = try lines.dropFirst().map { line in
            var recipe = Recipe.plain(model: model.name)
            try recipe.apply(Recipe.pairs(of: String(line)))
            try recipe.validate(for: model)
            return recipe
        }
        guard !recipes.isEmpty else { throw ValidationError("\(recipesFile(number)) has no recipes; delete it") }
        return (Generation(directory: path(number), recipes: recipes), picks)
    }
}
