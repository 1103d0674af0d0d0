import DeepDream
import HTTPServer
import ModelLibrary
import VisionNet

/// What decides the bytes of a dream: its pictures, its recipe, the weights, the program, and how this machine
/// computes. Requests with the same identity get the same dream.
package struct DreamIdentity: Hashable, Sendable {
    /// SHA-256 of everything, as 64 hexadecimal digits.
    package let digest: String

    /// - Parameters:
    ///   - files: the uploaded files, by the names of their fields.
    ///   - recipe: the whole recipe.
    ///   - weights: identifies the model's weights (`ModelCatalog.Entry.weights`).
    ///   - computation: identifies what computes (`ServiceConfiguration.computeIdentity`).
    package init(files: [String: [UInt8]], recipe: Recipe, weights: String, computation: String) {
        var digest = Digest(.sha256)
        // Each text is hashed with its length, so that no two lists of texts give the same bytes.
        func add(_ text: String) { digest.update(Array("\(text.utf8.count) \(text)".utf8)) }
        for text in [Version.current, computation, weights, recipe.canonical] { add(text) }
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
            add(name)
            add(String(bytes.count))
            digest.update(bytes)
        }
        self.digest = digest.hexadecimal()
    }

    /// The strong entity tag of an answer of this type (RFC 9110, section 8.8.3), with its quotation marks.
    func entityTag(of answer: AnswerType) -> String {
        // 128 bits are plenty. A JSON answer has other bytes than its picture, so it has another tag.
        answer == .json ? "\"\(digest.prefix(32))-json\"" : "\"\(digest.prefix(32))\""
    }
}

extension Digest {
    fileprivate mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }
}

/// The entity tags of the header `If-None-Match`.
struct EntityTags {
    private let tags: [Substring]

    /// - Parameter values: the values of the header fields.
    init(_ values: [String]) {
        // Our own tags have no commas, so it does not matter that a foreign one with a comma is cut in two.
        tags = values.flatMap { $0.split(separator: ",") }.map { tag in
            let tag = tag.drop { $0 == " " || $0 == "\t" }
            let end = tag.lastIndex { $0 != " " && $0 != "\t" }.map(tag.index(after:)) ?? tag.startIndex
            let trimmed = tag[..<end]
            // `If-None-Match` compares weakly (RFC 9110, section 13.1.2); proxies that compress weaken tags.
            return trimmed.hasPrefix("W/") ? trimmed.dropFirst(2) : trimmed
        }
    }

    func contains(_ tag: String) -> Bool { tags.contains { $0 == tag } }
}

extension ComputeOptions {
    /// Identifies everything of a machine that changes the last bits of a dream.
    package static func identity(backend: Backend, threads: Int) -> String {
        "\(backend.rawValue) \(availableInstructionSets.first ?? "") \(threads)"
    }
}

extension VisionModel {
    /// Identifies the weights and the names that a recipe can use for their channels: SHA-256 of the header, which has
    /// the checksum of the data. A model file without a checksum gets an identity of its own whenever it is loaded.
    package var weightsIdentity: String {
        guard metadata["checksum"] != nil else { return "unknown \(UInt64.random(in: 0 ... .max))" }
        var digest = Digest(.sha256)
        for text in [network.name] + metadata.sorted(by: { $0.key < $1.key }).flatMap({ [$0.key, $0.value] }) {
            digest.update(Array("\(text.utf8.count) \(text)".utf8))
        }
        return digest.hexadecimal()
    }
}
