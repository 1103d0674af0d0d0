import ArgumentParser
import ModelLibrary

struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Lists, inspects, imports and downloads models.",
        discussion: """
              deepdream model list
              deepdream model fetch inception_v3
              deepdream model import inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5 -o mine.safetensors
              deepdream model inspect mine.safetensors
            """,
        subcommands: [
            ModelListCommand.self, ModelInspectCommand.self, ModelImportCommand.self, ModelFetchCommand.self,
        ])
}
