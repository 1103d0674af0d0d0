import ArgumentParser
import DreamService
import FoundationEssentials

struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Asks a running service on this machine whether it is alive, for health checks.",
        discussion: """
            The exit code is 0 if the service is alive, else 1, and standard error has the reason. The address is that \
            of the settings (file, DEEPDREAM_HOST and DEEPDREAM_PORT, flags), so the service and its check need the \
            same.

              deepdream health
              deepdream health --ready --port 8080
            """)

    @Option(help: ArgumentHelp("the configuration file, as for deepdream serve", valueName: "file"))
    var config: String?

    @Flag(help: "ask whether the service accepts jobs (/readyz), not only whether it is alive (/healthz)")
    var ready = false

    @Option(help: ArgumentHelp("how long to wait for the answer, at least 1", valueName: "seconds"))
    var timeout = 2

    @OptionGroup(title: "Settings") var address: AddressOptions

    /// The settings that tell where the service is.
    struct AddressOptions: ParsableArguments {
        @Option(help: .setting("host")) var host: String?
        @Option(help: .setting("port")) var port: String?
    }

    func validate() throws {
        guard (1...3600).contains(timeout) else {
            throw ValidationError("--timeout cannot be \(timeout); allowed: a whole number from 1 to 3600")
        }
    }

    func run() throws {
        let settings = try ServiceConfiguration.load(
            file: config, environment: ProcessInfo.processInfo.environment,
            flags: GivenOptions.of(address, separator: "-"))
        let probe = HealthProbe(
            host: settings.host, port: settings.port, path: ready ? "/readyz" : "/healthz", limit: .seconds(timeout))
        try probe.run()
    }
}
