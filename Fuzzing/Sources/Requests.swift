import CFuzzing
@testable import HTTPServer

private let mostFields = 16

// A parser only reads the Content-Type of its connection, so one connection of each type serves all inputs.
nonisolated(unsafe) private let urlEncodedConnection = fuzzing_connection("application/x-www-form-urlencoded")
nonisolated(unsafe) private let multipartConnection = fuzzing_connection("multipart/form-data; boundary=AaB03x")

/// The first byte chooses the form's type and the size of the pieces in which the rest, the body, arrives.
func parseForm(_ bytes: UnsafeRawBufferPointer) throws {
    guard let first = bytes.first else { return }
    let type = first & 1 == 1 ? FormType.multipart : .urlEncoded
    guard let connection = type == .multipart ? multipartConnection : urlEncodedConnection else {
        fatalError("libmicrohttpd gives no connection")
    }
    let parser = try FormParser(connection: connection, type: type, maximumFields: mostFields, maximumNameBytes: 256)
    let pieceSize = 1 + Int(first >> 1) * Int(first >> 1)
    var rest = bytes.dropFirst()
    while !rest.isEmpty {
        // A copy of its own, so that AddressSanitizer sees a read past the end.
        try Array(rest.prefix(pieceSize)).withUnsafeBytes { piece in try parser.parse(piece) }
        rest = rest.dropFirst(pieceSize)
    }
    let fields = try parser.finish()
    require(fields.count <= mostFields, "the form has more fields than it may")
    require(fields.reduce(0) { $0 + $1.value.count } <= bytes.count, "the values have more bytes than the body")
}

/// A request's head, as libmicrohttpd hands it over: a line each for the method, the version, the target, and the
/// header fields, `name:value`.
func readHead(_ bytes: UnsafeRawBufferPointer) throws {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 3 else { return }
    if let path = PercentEncoding.decode(lines[2].utf8) {
        require(path.utf8.count <= lines[2].utf8.count, "the path is longer than its encoding")
    }
    var headers = Headers()
    for line in lines.dropFirst(3) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        headers.append(String(parts[0]), String(parts[parts.count - 1]))
    }
    _ = RequestID.choose(offered: headers["X-Request-ID"])
    let framing = try BodyFraming(method: String(lines[0]), version: String(lines[1]), headers: headers)
    require(
        framing != .chunked || headers["Content-Length"] == nil, "a chunked body with a Content-Length is accepted")
    _ = try FormType(contentType: headers["Content-Type"])
}
