import ArgumentParser
import ModelLibrary

struct ModelInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Prints a model's metadata and verifies its checksum.")

    @Argument(help: "the model: a name or a file") var model: String
    @Flag(help: "list all tensors with their shapes and types") var tensors = false

    func run() throws {
        let inspection = try ModelLibrary().inspect(nameOrFile: model)
        let summary = inspection.summary
        print("\(summary.network.name), \(summary.parameterCount) parameters, \(summary.byteCount) bytes")
        for (key, value) in summary.metadata.sorted(by: { $0.key < $1.key }) {
            print("\(key): \(value)")
        }
        if tensors {
            for tensor in inspection.tensors {
                print("\(tensor.name) \(tensor.shape) \(tensor.elementType.rawValue)")
            }
        }
        switch inspection.checksum {
        case .valid: print("the checksum is correct")
        case .missing: print("there is no checksum")
        case .wrong(let found, let expected):
            throw Damaged(
                description: "\(model) is damaged: the checksum of its data is \(found), but should be \(expected)")
        }
    }

    private struct Damaged: Error, CustomStringConvertible {
        let description: String
    }
}
