import ArgumentParser
import DreamService

/// The command `deepdream`.
@main
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deepdream",
        abstract: "Turns photos into DeepDreams, as a service or from the command line.",
        discussion: """
            The built-in model needs no download:

              deepdream serve                              # then in another terminal:
              curl -F image=@photo.jpg localhost:5000/deepdream --output dream.jpg

              deepdream dream photo.jpg dream.jpg          # without a service
              deepdream dream photo.jpg dream.png --layers mixed4,mixed6:0.5 --octaves 5

            To use the published InceptionV3, which was trained on ImageNet, download it first:

              deepdream model fetch inception_v3
              deepdream dream photo.jpg dream.jpg --model inception_v3
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, KeyCommand.self, HealthCommand.self, DreamCommand.self, SeeCommand.self,
            AtlasCommand.self, EvolveCommand.self, RecipeCommand.self, ModelCommand.self, BenchCommand.self,
        ])
}
