import CFuzzing
import DeepDream
import DreamService
import Glibc

/// A recipe in its text form, `name=value` joined by `&`. What is accepted must read back from the canonical text.
func readRecipe(_ bytes: UnsafeRawBufferPointer) throws {
    var recipe = Recipe.plain(model: "m")
    try recipe.apply(Recipe.pairs(of: String(decoding: bytes, as: UTF8.self)))
    var copy = Recipe.plain(model: "m")
    do {
        try copy.apply(Recipe.pairs(of: recipe.canonical))
    } catch {
        require(false, "the canonical text \(recipe.canonical) is refused: \(error)")
    }
    require(copy == recipe, "the canonical text \(recipe.canonical) reads back as \(copy.canonical)")
}

/// A configuration file.
func readConfiguration(_ bytes: UnsafeRawBufferPointer) throws {
    let descriptor = memfd_create("configuration", 0)
    require(descriptor >= 0, "no memory file: \(String(cString: strerror(errno)))")
    defer { close(descriptor) }
    require(write(descriptor, bytes.baseAddress, bytes.count) == bytes.count, "the memory file is not written")
    _ = try ServiceConfiguration.load(
        file: "/proc/self/fd/\(descriptor)", environment: [:], flags: [], available: 8)
}
