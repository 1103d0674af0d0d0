/// Parses `application/x-www-form-urlencoded` (https://url.spec.whatwg.org/#urlencoded-parsing). Unlike there, bad
/// escapes are errors.
final class URLEncodedParser: BodyReader {
    private let limits: FormLimits
    private var pieces = PieceCollector()

    init(limits: FormLimits) {
        self.limits = limits
    }

    func read(_ bytes: UnsafeRawBufferPointer) {
        pieces.append(bytes)
    }

    func finish() throws(RequestFailure) -> RequestBody {
        var fields: [FormField] = []
        let body = pieces.joined()
        pieces = PieceCollector()
        // Not more pieces than there may be fields, and one that is too many: there could be millions.
        for pair in body.split(separator: UInt8(ascii: "&"), maxSplits: limits.maximumFields) {
            try limits.checkRoom(after: fields)
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(parts[0]), let value = parts.count == 2 ? decoded(parts[1]) : [] else {
                throw .malformedForm(
                    reason: "the body is not form data: it has a % that two hexadecimal digits do not follow. "
                        + "If the body is a file, say so with its media type in Content-Type")
            }
            guard !name.isEmpty else { throw .malformedForm(reason: "a field has no name") }
            fields.append(
                FormField(name: try limits.text(name, "name"), filename: nil, contentType: nil, value: value))
        }
        return .form(fields)
    }

    private func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        PercentEncoding.bytes(of: text.lazy.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
    }
}
