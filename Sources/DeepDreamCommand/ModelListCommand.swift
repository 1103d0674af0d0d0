import ArgumentParser
import ModelLibrary

struct ModelListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the models that --model finds by name, and their files.")

    func run() throws {
        let library = ModelLibrary()
        for entry in library.list() {
            let location =
                switch entry.location {
                case .embedded: "built in"
                case .file(let path): path
                }
            switch entry.summary {
            case .success(let summary):
                print("\(entry.name)\t\(summary.network.name), width \(summary.width.factor)\t\(location)")
            case .failure(let error):
                print("\(entry.name)\tunusable: \(error)\t\(location)")
            }
        }
        StandardError.print("searched: \(library.directories.joined(separator: ", "))")
    }
}
