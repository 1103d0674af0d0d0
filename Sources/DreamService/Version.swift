/// The version of this program.
public enum Version {
    /// The current version, according to Semantic Versioning 2.0.0. `CHANGELOG.md` has a section for it.
    public static let current = "0.1.0"
    /// The program's name and version.
    public static let program = "deepdream-server \(current)"
}
