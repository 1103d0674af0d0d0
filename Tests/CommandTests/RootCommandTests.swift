import DreamService
import TestSupport
import Testing

@Suite(.ownThread) struct RootCommandTests {
    @Test("the help of every command has examples", arguments: ["serve", "key", "health", "dream", "model", "bench"])
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

    @Test("key makes a key, and its hash, which --hash-only gives again")
    func key() async throws {
        let made = try await Subprocess.run([Programs.deepdream, "key"])
        let match = try #require(made.text.firstMatch(of: /key:  (\S{43})\nhash: ([0-9a-f]{64})\n/))
        let hash = try await Subprocess.run(
            [Programs.deepdream, "key", "--hash-only"], input: Array("\(match.1)\n".utf8))
        #expect(hash.text == "\(match.2)\n")
        #expect(try await Subprocess.run([Programs.deepdream, "key", "--hash-only"]).status == 1)
    }

    @Test("without arguments the command prints its help")
    func noArguments() async throws {
        let bare = try await Subprocess.run([Programs.deepdream])
        #expect(bare.text.contains("SUBCOMMANDS"))
    }
}
