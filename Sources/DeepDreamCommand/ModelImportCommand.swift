import ArgumentParser
import ModelLibrary

struct ModelImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turns Keras weights into a model file.",
        discussion: """
            Takes InceptionV3 without its top as Keras writes it: .h5 of the published weights, .h5 and .weights.h5 \
            of today's Keras.
            """)

    @Argument(help: "the Keras file") var input: String
    @Option(name: .shortAndLong, help: "the model file to write, NAME.safetensors") var output: String

    func run() throws {
        CrashMessage.blameHDF5()
        let summary = try KerasImporter.importModel(from: input, to: output)
        print("\(output): \(summary.network.name), \(summary.parameterCount) parameters")
    }
}
