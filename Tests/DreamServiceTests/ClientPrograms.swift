import Foundation
import TestSupport

/// The languages in which clients are tested. A large one that is not installed is left out, unless
/// `make test-clients` says that all must be there.
enum ClientPrograms {
    /// The command that runs a program of this language, without the file's name.
    static func command(for language: String) async throws -> [String] {
        switch language {
        case "sh": ["bash", "-e"]
        case "python": [try await Programs.python()]
        case "javascript": ["node"]
        case "java": ["java"]
        default: ["go", "run"]
        }
    }

    /// Whether a program is in `PATH`, or must be.
    static func areTested(_ names: String...) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        if environment["TEST_CLIENTS"] == "all" { return true }
        let directories = (environment["PATH"] ?? "").split(separator: ":")
        return names.allSatisfy { name in
            directories.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        }
    }

    /// Whether a Python package is installed, or must be.
    static func isTested(pythonPackage name: String) async throws -> Bool {
        if ProcessInfo.processInfo.environment["TEST_CLIENTS"] == "all" { return true }
        return try await Subprocess.run([Programs.python(), "-c", "import \(name)"]).status == 0
    }
}
