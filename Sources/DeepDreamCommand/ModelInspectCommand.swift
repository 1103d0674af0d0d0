import ArgumentParser
import ModelLibrary

struct ModelInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Prints what a model file says of itself, and checks it.")

    @Argument(help: "a model's name or file") var model: String
    @Flag(help: "list every tensor with its shape") var tensors = false

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
        case .valid: print("the checksum is right")
        case .missing: print("there is no checksum")
        case .wrong(let found, let expected):
            throw Damaged(description: "\(model) is damaged: its data have \(found), not \(expected)")
        }
    }

    private struct Damaged: Error, CustomStringConvertible {
        let description: String
    }
}
