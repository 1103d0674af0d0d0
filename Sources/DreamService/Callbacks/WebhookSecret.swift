import CNettle
import FoundationEssentials

/// What callbacks are signed with, as in Standard Webhooks 1.0.0 (https://www.standardwebhooks.com).
package struct WebhookSecret: Sendable {
    static let allowedText = "whsec_ and 24 to 64 random bytes in base64"
    private static let prefix = "whsec_"

    private let key: [UInt8]

    /// - Returns: nil if the text is no such secret.
    package init?(text: String) {
        guard text.hasPrefix(Self.prefix), let key = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(key.count)
        else { return nil }
        self.key = [UInt8](key)
    }

    /// The value of the header field `webhook-signature`: the version and, in base64, HMAC-SHA256 of `id.time.body`.
    ///
    /// - Parameter time: in seconds since 1970.
    package func signature(id: String, time: Int, body: [UInt8]) -> String {
        let content = Array("\(id).\(time).".utf8) + body
        var context = hmac_sha256_ctx()
        nettle_hmac_sha256_set_key(&context, key.count, key)
        nettle_hmac_sha256_update(&context, content.count, content)
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
        nettle_hmac_sha256_digest(&context, code.count, &code)
        return "v1," + Data(code).base64EncodedString()
    }
}
