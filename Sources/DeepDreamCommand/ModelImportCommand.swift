import ArgumentParser
import ModelLibrary
import VisionNet

struct ModelImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turns weights of Keras or PyTorch into a model file.",
        discussion: """
            Takes a state dictionary of PyTorch: .pth or .pt in the formats of any version, a wheel (.whl) with one in it, \
            or .safetensors. And InceptionV3 without its top as Keras writes it: .h5 of the published weights, .h5 and \
            .weights.h5 of today's Keras. The file's tensors tell which network it is.

              deepdream model import efficientnet-lite0.pth -o mine.safetensors
            """)

    @Argument(help: "the file with the weights") var input: String
    @Option(name: .shortAndLong, help: "the model file to write, NAME.safetensors") var output: String
    @Option(help: "the network in a PyTorch file (default: the one that its tensors tell)") var network: String?

    func run() throws {
        CrashMessage.blameHDF5()
        let summary = try ModelImporter.importModel(
            from: input, to: output, network: try network.map(Network.named))
        print("\(output): \(summary.network.name), \(summary.parameterCount) parameters")
    }
}
