import ModelLibrary

/// The keys with which clients prove that they may use the service: the setting `api-keys`.
///
/// The service knows only the keys' SHA-256 hashes. Keys are long and random (`deepdream key`), so a hash needs no salt
/// and no slow function: nobody can guess a key of 256 random bits.
package struct APIKeys: Sendable, Equatable {
    private let hashes: [[UInt8]]

    /// - Parameter list: hashes of 64 hexadecimal digits, separated by commas or blanks; nothing if no key is needed.
    /// - Returns: nil if one of them is not a hash.
    package init?(list: String) {
        var hashes: [[UInt8]] = []
        for text in list.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            guard let hash = Self.bytes(ofHash: text) else { return nil }
            hashes.append(hash)
        }
        self.hashes = hashes
    }

    /// Whether clients need a key.
    package var areNeeded: Bool { !hashes.isEmpty }

    /// The hash of a key, as `api-keys` lists it.
    package static func hash(of key: String) -> String {
        var digest = Digest(.sha256)
        Array(key.utf8).withUnsafeBytes { digest.update($0) }
        return digest.hexadecimal()
    }

    /// A new key: 256 random bits in the characters of base64 for URLs (RFC 4648, section 5).
    package static func newKey() -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return String((0..<43).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] })
    }

    /// Names the key that a client sent, for the log and for limits of one client: the beginning of its hash. Nil if it
    /// is not one of the keys.
    ///
    /// All hashes are compared to their last byte, so that the time tells nothing about them.
    func name(of key: String) -> String? {
        let text = Self.hash(of: key)
        guard let hash = Self.bytes(ofHash: text[...]) else { return nil }
        var isKnown = false
        for known in hashes {
            let difference = zip(known, hash).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
            isKnown = (difference == 0) || isKnown
        }
        return isKnown ? String(text.prefix(8)) : nil
    }

    private static func bytes(ofHash text: Substring) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(16 * digits[$0] + digits[$0 + 1]) }
    }
}
