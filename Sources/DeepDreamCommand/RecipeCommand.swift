import ArgumentParser
import DeepDream
import Imaging

struct RecipeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipe",
        abstract: "Prints the recipe of a dream, from its file.",
        discussion: """
            Dreams carry their recipe as the comment of the JPEG or PNG file.

              deepdream recipe dream.jpg
              deepdream dream other.jpg other-dream.jpg --recipe dream.jpg
            """)

    @Argument(help: "a dream, a JPEG or PNG file; - for standard input") var picture: String

    func run() throws {
        print(try PictureRecipe(of: picture).text)
    }
}

/// The recipe in the comment of a dream.
struct PictureRecipe {
    /// In canonical form, as it is in the picture.
    let text: String

    /// The fields and their values.
    var pairs: [(name: String, value: String)] { Recipe.pairs(of: text) }

    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String {
            "\(path) has no recipe; only dreams that deepdream made, and no program has written since, have one"
        }
    }

    /// - Throws: `Files.Failure` if the file cannot be read, `Missing` if it has no recipe.
    init(of path: String) throws {
        guard let text = PictureComment.text(of: try Files.read(path)), text.hasPrefix("model=") else {
            throw Missing(path: path)
        }
        self.text = text
    }
}
