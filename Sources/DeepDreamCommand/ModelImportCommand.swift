import ArgumentParser
import ModelLibrary

struct ModelImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Converts Keras weights to a model file.",
        discussion: """
            Reads InceptionV3 without its top: the published .h5 file, or .h5 and .weights.h5 files of current Keras \
            versions.
            """)

    @Argument(help: "the Keras file") var input: String
    @Option(name: .shortAndLong, help: "the model file to write, NAME.safetensors") var output: String

    func run() throws {
        CrashMessage.blameHDF5()
        let summary = try KerasImporter.importModel(from: input, to: output)
        print("\(output): \(summary.network), \(summary.parameterCount) parameters")
    }
}
