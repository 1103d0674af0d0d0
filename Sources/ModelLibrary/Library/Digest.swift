import CNettle
import Glibc

/// A hash of bytes that come in pieces, computed by nettle.
package struct Digest {
    package enum Algorithm {
        case md5
        case sha256
    }

    private enum State {
        case md5(md5_ctx)
        case sha256(sha256_ctx)
    }

    private var state: State

    package init(_ algorithm: Algorithm) {
        switch algorithm {
        case .md5:
            var context = md5_ctx()
            nettle_md5_init(&context)
            state = .md5(context)
        case .sha256:
            var context = sha256_ctx()
            nettle_sha256_init(&context)
            state = .sha256(context)
        }
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        switch state {
        case .md5(var context):
            nettle_md5_update(&context, bytes.count, start)
            state = .md5(context)
        case .sha256(var context):
            nettle_sha256_update(&context, bytes.count, start)
            state = .sha256(context)
        }
    }

    /// The hash of everything so far, in lower-case hexadecimal digits.
    package mutating func hexadecimal() -> String {
        var bytes: [UInt8]
        switch state {
        case .md5(var context):
            bytes = [UInt8](repeating: 0, count: Int(MD5_DIGEST_SIZE))
            nettle_md5_digest(&context, bytes.count, &bytes)
        case .sha256(var context):
            bytes = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
            nettle_sha256_digest(&context, bytes.count, &bytes)
        }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The hash of a file; nil if it cannot be read.
    package static func hexadecimal(_ algorithm: Algorithm, ofFile path: String) -> String? {
        guard let file = fopen(path, "rbe") else { return nil }
        defer { fclose(file) }
        var digest = Digest(algorithm)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return ferror(file) == 0 ? digest.hexadecimal() : nil }
            buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }
}
