import Foundation

/// The programs that tests run.
package enum Programs {
    /// The command under test: built into the directory of the running test program.
    package static var deepdream: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "deepdream").path
    }

    /// A Python with the package `requests`: Debian's, else the one on the path.
    package static func python() async throws -> String {
        for python in ["/usr/bin/python3", "python3"] {
            let found = try await Subprocess.run([python, "-c", "import requests"])
            if found.status == 0 { return python }
        }
        throw Missing(description: "these tests need the Debian package python3-requests")
    }

    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }
}
