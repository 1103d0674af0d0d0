import ArgumentParser
import DreamService
import FoundationEssentials
import VisionNet

/// The options for computing, of commands that compute themselves instead of in a service.
struct ComputeFlags: ParsableArguments {
    @Option(help: "how many threads compute, from 1 to 256 (default: one for each processor that the command may use)")
    var threads: Int?

    @Option(help: .setting("backend")) var backend: String?

    func validate() throws {
        _ = try chosenBackend()
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads cannot be \(threads); allowed: a whole number from 1 to 256")
        }
    }

    var options: ComputeOptions {
        get throws { ComputeOptions(backend: try chosenBackend(), threads: threads ?? Processors.available) }
    }

    private func chosenBackend() throws -> Backend {
        do throws(ConfigurationError) {
            return try ServiceConfiguration.backend(
                environment: ProcessInfo.processInfo.environment, flag: backend)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
