import Synchronization

/// The configuration of a running service. Its reloadable settings can change at any time.
package final class LiveConfiguration: Sendable {
    private let configuration: Mutex<ServiceConfiguration>

    package init(_ configuration: ServiceConfiguration) {
        self.configuration = Mutex(configuration)
    }

    /// The configuration now. Take it once for each decision, so that the settings belong together.
    package var current: ServiceConfiguration { configuration.withLock { $0 } }

    /// Takes over the reloadable settings of another configuration.
    ///
    /// - Returns: the names of the settings that have changed, and of those that differ but need a restart.
    package func update(to other: ServiceConfiguration) -> (changed: [String], needingRestart: [String]) {
        configuration.withLock { configuration in
            let different = ServiceConfiguration.settings.filter { $0.text(configuration) != $0.text(other) }
            let reloadable = different.filter(\.isReloadable)
            for setting in reloadable { _ = setting.set(&configuration, setting.text(other)) }
            let presets = configuration.presets == other.presets ? [] : ["presets"]
            return (reloadable.map(\.name), different.filter { !$0.isReloadable }.map(\.name) + presets)
        }
    }
}
