@testable import HTTPServer

private let limits = FormLimits(maximumFields: 16, maximumNameBytes: 256)

/// The first byte chooses the form's type and the size of the pieces in which the rest, the body, arrives.
func parseForm(_ bytes: UnsafeRawBufferPointer) throws {
    guard let first = bytes.first else { return }
    func reader() -> any BodyReader {
        first & 1 == 1
            ? MultipartParser(boundary: Array("AaB03x".utf8), limits: limits) : URLEncodedParser(limits: limits)
    }
    func fields(inPiecesOf size: Int) throws -> [FormField] {
        let reader = reader()
        var rest = bytes.dropFirst()
        while !rest.isEmpty {
            // A copy of its own, so that AddressSanitizer sees a read past the end.
            try Array(rest.prefix(size)).withUnsafeBytes { piece in try reader.read(piece) }
            rest = rest.dropFirst(size)
        }
        guard case .form(let fields) = try reader.finish() else { return [] }
        return fields
    }
    func text(_ fields: [FormField]) -> [String] { fields.map { "\($0)" } }
    let pieceSize = 1 + Int(first >> 1) * Int(first >> 1)
    let inPieces = Result { try fields(inPiecesOf: pieceSize) }
    let whole = Result { try fields(inPiecesOf: bytes.count) }
    require(
        (try? inPieces.get()).map(text) == (try? whole.get()).map(text), "the pieces in which a body arrives matter")
    let found = try whole.get()
    require(found.count <= limits.maximumFields, "the form has more fields than it may")
    require(found.reduce(0) { $0 + $1.value.count } <= bytes.count, "the values have more bytes than the body")
    try readRequest(form: found)
}

/// A request's head, as libmicrohttpd hands it over: a line each for the method, the version, the target, and the
/// header fields, `name:value`. Read are its framing, and all that its fields say to the service.
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
    let id = RequestID.choose(offered: headers["X-Request-ID"])
    let path = PercentEncoding.decode(lines[2].utf8) ?? "/"
    // A peer that is a trusted proxy, so that the fields about the client count.
    try readFields(
        RequestHead(
            method: String(lines[0]), path: path, query: [], headers: headers, peer: "10.0.0.1", id: id))
    let framing = try BodyFraming(method: String(lines[0]), version: String(lines[1]), headers: headers)
    require(
        framing != .chunked || headers["Content-Length"] == nil, "a chunked body with a Content-Length is accepted")
    let type = try FormType(contentType: headers["Content-Type"])
    if case .multipart(let boundary) = type {
        require((1...70).contains(boundary.count), "a boundary of this length is accepted")
    }
}
