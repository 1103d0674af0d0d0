import ArgumentParser
import DreamService
import FoundationEssentials

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answers POST /deepdream until SIGTERM or SIGINT.",
        discussion: """
            Every setting can stand in a YAML file (key: value), in the environment (DEEPDREAM_ and its name in \
            capitals, - as _) and as a flag; a later one of these overrules an earlier one.

              deepdream serve --port 8080 --workers 2
              DEEPDREAM_LOG_FORMAT=json deepdream serve --config /etc/deepdream/deepdream.yaml

            The first SIGTERM or SIGINT lets the jobs at hand finish, then exits with 0; a second one exits at once.
            """)

    @Option(
        help: ArgumentHelp(
            "the configuration file (default: what \(ServiceConfiguration.fileVariable) names, "
                + "else \(ServiceConfiguration.defaultFile) if it is there)", valueName: "file"))
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
        try Service.run(
            .load(file: config, environment: ProcessInfo.processInfo.environment, flags: options.flags))
    }
}
