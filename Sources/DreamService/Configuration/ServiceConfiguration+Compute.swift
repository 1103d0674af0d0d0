import VisionNet

extension ServiceConfiguration {
    /// What computes where no service runs: what the flag says, else the setting's environment variable, else the faster
    /// one.
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

    /// How all workers compute: with one team of threads, so that a dream alone gets every processor and several
    /// share them.
    ///
    /// - Parameter available: the processors that the process may use.
    package func computeOptions(available: Int = Processors.available) -> ComputeOptions {
        ComputeOptions(
            backend: backend ?? .fastest, team: ThreadTeam(processors: processorCount(available: available)))
    }
}
