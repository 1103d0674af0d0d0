import ArgumentParser
import DreamService

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes a key for clients of the service.",
        discussion: """
            The key is for the client, its hash for the service's setting api-keys, which lists the hashes of all \
            keys. The service keeps no key, so note it now.

              deepdream key
              deepdream key --hash-only < key.txt     # the hash of a key that exists
            """)

    @Flag(help: "read a key from standard input and print its hash alone") var hashOnly = false

    struct NoKey: Error, CustomStringConvertible {
        let description = "standard input has no key: give one line with the key"
    }

    func run() throws {
        if hashOnly {
            guard let key = readLine(), !key.isEmpty else { throw NoKey() }
            return print(APIKeys.hash(of: key))
        }
        let key = APIKeys.newKey()
        print("key:  \(key)\nhash: \(APIKeys.hash(of: key))")
    }
}
