import ArgumentParser
import DreamService
import VisionNet

/// What computes on the spot: the options of commands that dream themselves.
struct ComputeFlags: ParsableArguments {
    @Option(help: "how many threads share the work, from 1 to 256 (default: all processors that the command may use)")
    var threads: Int?

    @Option(
        help: "what computes the convolutions: \(Self.backendNames); auto is the faster one on this processor",
        transform: Self.backend(named:))
    var backend = Backend.fastest

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads cannot be \(threads); allowed: a whole number from 1 to 256")
        }
    }

    var options: ComputeOptions {
        ComputeOptions(backend: backend, threads: threads ?? Processors.available)
    }

    private static let backendNames = (["auto"] + Backend.allCases.map(\.rawValue)).joined(separator: ", ")

    private static func backend(named name: String) throws -> Backend {
        if name == "auto" { return .fastest }
        guard let backend = Backend(rawValue: name) else {
            throw ValidationError("--backend cannot be '\(name)'; allowed: \(backendNames)")
        }
        return backend
    }
}
