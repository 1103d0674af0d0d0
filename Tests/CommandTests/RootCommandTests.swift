import DreamService
import TestSupport
import Testing

@Suite(.ownThread) struct RootCommandTests {
    @Test("the help of every command has examples", arguments: ["serve", "health", "dream", "model", "bench"])
    func help(command: String) async throws {
        let result = try await Subprocess.run([Programs.deepdream, command, "--help"])
        #expect(result.status == 0)
        #expect(result.text.contains("  deepdream \(command)"))
    }

    @Test("--version prints the version")
    func version() async throws {
        let version = try await Subprocess.run([Programs.deepdream, "--version"])
        #expect(version.status == 0)
        #expect(version.text == Version.current + "\n")
    }

    @Test("without arguments the command prints its help")
    func noArguments() async throws {
        let bare = try await Subprocess.run([Programs.deepdream])
        #expect(bare.text.contains("SUBCOMMANDS"))
    }
}
