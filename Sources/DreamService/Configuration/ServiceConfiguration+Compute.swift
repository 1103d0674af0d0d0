import VisionNet

extension ServiceConfiguration {
    /// The backend of a command that runs without a service: given by the flag, else by `DEEPDREAM_BACKEND`, else the
    /// fastest.
    package static func backend(
        environment: [String: String], flag: String?
    ) throws(ConfigurationError) -> Backend {
        var configuration = ServiceConfiguration()
        let variable = Setting.environmentPrefix + "BACKEND"
        if let value = environment[variable] {
            try configuration.set("backend", to: value, source: .environment(variable: variable))
        }
        if let flag { try configuration.set("backend", to: flag, source: .flag(name: "backend")) }
        return configuration.backend ?? .fastest
    }

    /// Identifies everything of this machine and configuration that changes the last bits of a dream.
    package var computeIdentity: String {
        ComputeOptions.identity(backend: backend ?? .fastest, threads: processorCount())
    }

    /// The compute options for all workers. Their threads are one team, so that a single dream can use all processors
    /// and several dreams share them.
    ///
    /// - Parameter available: how many processors the process may use.
    package func computeOptions(available: Int = Processors.available) -> ComputeOptions {
        ComputeOptions(
            backend: backend ?? .fastest, team: ThreadTeam(processors: processorCount(available: available)))
    }
}
