import Foundation

/// The programs that tests run.
package enum Programs {
    /// The path of the command under test. It is built into the same directory as the test program.
    package static var deepdream: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: tests).deletingLastPathComponent().appending(path: "deepdream").path
    }

    /// A Python interpreter that has the package `requests`: the system's, else the first in `PATH`.
    package static func python() async throws -> String {
        for python in ["/usr/bin/python3", "python3"] {
            let found = try await Subprocess.run([python, "-c", "import requests"])
            if found.status == 0 { return python }
        }
        throw Missing(description: "these tests need the Debian package python3-requests")
    }

    /// Thrown if a program that tests need is not installed.
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }
}
