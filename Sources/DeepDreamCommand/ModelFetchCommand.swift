import ArgumentParser
import ModelLibrary

struct ModelFetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Downloads published weights, verifies them and imports them.",
        discussion: """
            An interrupted download continues where it stopped. This needs the program curl.

              deepdream model fetch inception_v3
              deepdream model fetch inception_v3 --directory /var/lib/deepdream/models
            """)

    @Argument(help: "what to fetch: \(PublishedModel.all.map(\.name).joined(separator: ", "))") var name: String
    @Option(help: "directory for the model (default: the first that 'deepdream model list' searches)")
    var directory: String?

    func validate() throws {
        _ = try published()
    }

    func run() throws {
        // There is always at least the system's directory.
        let directory = directory ?? ModelLibrary.defaultDirectories()[0]
        let (path, summary) = try ModelFetcher(directory: directory)
            .fetch(published(), showsProgress: StandardError.isTerminal)
        print("\(path): \(summary.network.name), \(summary.parameterCount) parameters")
    }

    private func published() throws -> PublishedModel {
        guard let model = PublishedModel.all.first(where: { $0.name == name }) else {
            let names = PublishedModel.all.map(\.name).joined(separator: ", ")
            throw ValidationError("there are no published weights named '\(name)'; allowed: \(names)")
        }
        return model
    }
}
