import ArgumentParser
import DeepDream
import VisionNet

struct RecipeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipe",
        abstract: "Prints the recipe of a dream, from its file.",
        discussion: """
            Dreams carry their recipe in an XMP packet (JPEG, PNG, WebP), and as the comment of the JPEG or PNG file.

              deepdream recipe dream.jpg
              deepdream recipe dream.jpg --details
              deepdream dream other.jpg other-dream.jpg --recipe dream.jpg
            """)

    @Argument(help: "a dream, a JPEG, PNG or WebP file; - for standard input") var picture: String
    @Flag(help: "print the model's checksum and the program, too") var details = false

    func run() throws {
        let record = try PictureRecipe(of: picture).record
        print(record.recipe)
        guard details else { return }
        print("model digest: \(record.modelDigest ?? "not known")")
        print("program: \(record.program ?? "not known")")
    }
}

/// The recipe in the file of a dream.
struct PictureRecipe {
    let record: DreamRecord

    /// The fields and their values.
    var pairs: [(name: String, value: String)] { Recipe.pairs(of: record.recipe) }

    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String {
            "\(path) has no recipe; only dreams that deepdream made have one, and not all programs keep it that write "
                + "them anew"
        }
    }

    /// - Throws: `Files.Failure` if the file cannot be read, `Missing` if it has no recipe.
    init(of path: String) throws {
        guard let record = DreamRecord(of: try Files.read(path)) else { throw Missing(path: path) }
        self.record = record
    }

    /// Prints a note if a model has other weights than the one that the dream was made with.
    func check(_ model: VisionModel) {
        guard let digest = record.modelDigest, let found = model.metadata["checksum"], digest != found else { return }
        StandardError.print("note: the recipe's dream was made with other weights of \(model.name)")
    }
}
