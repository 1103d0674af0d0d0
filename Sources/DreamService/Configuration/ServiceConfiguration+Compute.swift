import VisionNet

extension ServiceConfiguration {
    /// How all workers compute: with one team of threads, so that a dream alone gets every processor and several
    /// share them.
    ///
    /// - Parameter available: the processors that the process may use.
    package func computeOptions(available: Int = Processors.available) -> ComputeOptions {
        ComputeOptions(
            backend: backend ?? .fastest, team: ThreadTeam(processors: processorCount(available: available)))
    }
}
