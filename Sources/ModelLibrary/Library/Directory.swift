import Glibc

/// A directory of models.
enum Directory {
    /// Creates a directory and its parents, as `mkdir -p` does; false, with `errno` set, if that fails.
    static func create(_ directory: String) -> Bool {
        var path = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            path += "/" + part
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { return false }
        }
        return true
    }
}
