/// Weights that somebody publishes for everybody. `PublishedModel+List.swift` has them.
public struct PublishedModel: Sendable {
    /// Its name in the library, that of its network.
    public let name: String
    public let url: String
    /// The file's hash in hexadecimal, from the publisher, or as many of its first digits as the publisher tells.
    public let digest: String
    package let algorithm: Digest.Algorithm
    public let licence: String

    package init(name: String, url: String, md5: String, licence: String) {
        self.init(name: name, url: url, digest: md5, .md5, licence: licence)
    }

    package init(name: String, url: String, sha256: String, licence: String) {
        self.init(name: name, url: url, digest: sha256, .sha256, licence: licence)
    }

    private init(name: String, url: String, digest: String, _ algorithm: Digest.Algorithm, licence: String) {
        self.name = name
        self.url = url
        self.digest = digest
        self.algorithm = algorithm
        self.licence = licence
    }

    /// Whether a file with this hash is the published one.
    package func isDigest(_ found: String?) -> Bool { found?.hasPrefix(digest) ?? false }

    /// The published weights in a file; nil if they are none of these.
    static func inFile(_ path: String) -> PublishedModel? {
        for algorithm in [Digest.Algorithm.sha256, .md5] {
            let digest = Digest.hexadecimal(algorithm, ofFile: path)
            if let found = all.first(where: { $0.algorithm == algorithm && $0.isDigest(digest) }) { return found }
        }
        return nil
    }
}
