import ArgumentParser

/// `deepdream`: the service and what goes with it.
@main
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deepdream",
        abstract: "Turns photos into DeepDreams, as a service or on the spot.",
        discussion: """
            The network that is built in needs no file and no download:

              deepdream serve                              # then, from another terminal:
              curl -F image=@photo.jpg localhost:5000/deepdream --output dream.jpg

              deepdream dream photo.jpg dream.jpg          # the same without a service
              deepdream dream photo.jpg dream.png --layers mixed4,mixed6:0.5 --octaves 5

            The published InceptionV3, trained on ImageNet, is one download away:

              deepdream model fetch inception_v3
              deepdream dream photo.jpg dream.jpg --model inception_v3
            """,
        version: "0.1.0",
        subcommands: [ServeCommand.self, DreamCommand.self, ModelCommand.self, BenchCommand.self])
}
