import ArgumentParser
import DreamService
import FoundationEssentials

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the HTTP service until SIGTERM or SIGINT.",
        discussion: """
            Settings can be given in a YAML file (queue-length: 16), as environment variables \
            (DEEPDREAM_QUEUE_LENGTH=16) and as flags (--queue-length 16). Flags override variables, and variables \
            override the file.

              deepdream serve --port 8080 --workers 2
              DEEPDREAM_LOG_FORMAT=json deepdream serve --config /etc/deepdream/deepdream.yaml

            After the first SIGTERM or SIGINT the service finishes its jobs and exits with 0. A second one ends it at \
            once. SIGHUP reads the settings again; the log tells which ones need a restart.
            """)

    @Option(
        help: ArgumentHelp(
            "the configuration file (default: the value of \(ServiceConfiguration.fileVariable), "
                + "else \(ServiceConfiguration.defaultFile) if it exists)", valueName: "file"))
    var config: String?

    @OptionGroup(title: "Settings") var options: ServiceOptions

    func validate() throws {
        var configuration = ServiceConfiguration()
        do throws(ConfigurationError) {
            try configuration.apply(flags: options.flags)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        try Service.run { try .load(file: config, environment: environment, flags: options.flags) }
    }
}
