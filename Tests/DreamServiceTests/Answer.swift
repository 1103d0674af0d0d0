import Foundation
import HTTPServer
import TestSupport

/// An HTTP response as curl prints it with `-i`.
struct Answer {
    let status: Int
    let headers: Headers
    let body: [UInt8]

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The members of a body that is a JSON object, with numbers as text.
    var json: [String: String] {
        let object = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        return object.mapValues { "\($0)" }
    }

    init(_ result: Subprocess.Result) throws {
        guard !result.output.isEmpty else { throw Malformed(description: "curl \(result.status): \(result.errors)") }
        try self.init(result.output)
    }

    /// - Parameter output: what curl has printed.
    init(_ output: [UInt8]) throws {
        var rest = output[...]
        var head: [String] = []
        repeat {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else {
                throw Malformed(description: "curl printed: \(String(decoding: output, as: UTF8.self))")
            }
            head = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            rest = rest[end.upperBound...]
            // curl also prints an interim response such as 100 Continue.
        } while head.first?.hasPrefix("HTTP/1.1 1") == true
        var headers = Headers()
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers.append(String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
        status = Int(head[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        self.headers = headers
        body = Array(rest)
    }
}
