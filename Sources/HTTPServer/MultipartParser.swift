import Glibc

/// Parses `multipart/form-data` (RFC 7578; RFC 2046, section 5.1) piece by piece as it arrives.
final class MultipartParser: BodyReader {
    private enum State {
        /// Before the first boundary; what is there is ignored.
        case preamble
        case head
        case value
        /// After the last boundary; what is there is ignored.
        case epilogue
    }

    /// The header fields of a part that mean something in a form.
    private struct Head {
        var fields: [(name: String, value: [UInt8])] = []
        var byteCount = 0

        subscript(_ name: String) -> [UInt8]? { fields.first { $0.name == name }?.value }
    }

    /// What the bytes after a boundary say.
    private enum BoundaryEnd {
        case nextPart(end: Int)
        case last
        /// More bytes must arrive first.
        case undecided
        /// It is no boundary, but part of a value.
        case none
    }

    /// Blanks after a boundary; a longer run is not one.
    private static let maximumPadding = 1024

    private let limits: FormLimits
    /// A line end, two dashes and the boundary: what ends a value.
    private let delimiter: [UInt8]
    private var state = State.preamble
    /// The bytes that have arrived and are not used yet. A line end stands in front of the body, because the first
    /// boundary needs none.
    private var pending: [UInt8] = Array("\r\n".utf8)
    /// How many bytes at the start of `pending` do not belong to the value, though they can belong to a delimiter.
    private var notOfValue = 2
    private var head = Head()
    private var part: Part?
    private var fields: [FormField] = []

    private struct Part {
        let name: String
        let filename: String?
        let contentType: String?
        var value = PieceCollector()
    }

    /// - Parameter boundary: 1 to 70 bytes without line ends.
    init(boundary: [UInt8], limits: FormLimits) {
        delimiter = Array("\r\n--".utf8) + boundary
        self.limits = limits
    }

    func read(_ bytes: UnsafeRawBufferPointer) throws(RequestFailure) {
        if state == .epilogue { return }
        pending.append(contentsOf: bytes)
        var used = 0
        defer { pending.removeFirst(used) }
        while true {
            let before = (state, used)
            switch state {
            case .preamble, .value: used = try readValue(from: used)
            case .head: used = try readHead(from: used)
            case .epilogue: used = pending.count
            }
            if before == (state, used) { return }
        }
    }

    func finish() throws(RequestFailure) -> RequestBody {
        switch state {
        case .epilogue: return .form(fields)
        case .preamble: throw Self.noBoundary
        case .head, .value: throw .malformedForm(reason: "the form ends too early: its last boundary is missing")
        }
    }

    // MARK: Values and boundaries

    /// Reads a value up to its boundary, or as far as it has certainly arrived.
    ///
    /// - Returns: the index in `pending` of the first byte that is not used.
    private func readValue(from start: Int) throws(RequestFailure) -> Int {
        var searched = start
        while let found = indexOfDelimiter(from: searched) {
            switch try boundaryEnd(at: found + delimiter.count) {
            case .nextPart(let end):
                appendValue(start..<found)
                try closePart()
                (state, head) = (.head, Head())
                return end
            case .last:
                appendValue(start..<found)
                // An empty form is its last boundary alone.
                if state == .preamble, notOfValue == 0 { throw Self.noBoundary }
                try closePart()
                state = .epilogue
                return pending.count
            case .undecided:
                return appendValue(start..<found)
            case .none:
                searched = found + 1
            }
        }
        // The last bytes may be the beginning of a delimiter.
        return appendValue(start..<max(start, pending.count - delimiter.count + 1))
    }

    private func indexOfDelimiter(from start: Int) -> Int? {
        pending.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var searched = start
            let last = bytes.count - delimiter.count
            while searched <= last, let lineEnd = memchr(base + searched, 0x0D, last + 1 - searched) {
                let index = UnsafeRawPointer(lineEnd) - base
                if memcmp(lineEnd, delimiter, delimiter.count) == 0 { return index }
                searched = index + 1
            }
            return nil
        }
    }

    /// - Parameter index: of the first byte after the boundary.
    private func boundaryEnd(at index: Int) throws(RequestFailure) -> BoundaryEnd {
        let rest = pending[index...]
        if rest.starts(with: "--".utf8) { return .last }
        let line = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard line.startIndex - index <= Self.maximumPadding else { return .none }
        if line.starts(with: "\r\n".utf8) { return .nextPart(end: line.startIndex + 2) }
        if line.first == UInt8(ascii: "\n") { throw Self.bareLineFeed }
        let isUndecided = line.isEmpty || line.elementsEqual("\r".utf8) || rest.elementsEqual("-".utf8)
        return isUndecided ? .undecided : .none
    }

    /// Appends bytes of `pending` to the value of the current part.
    ///
    /// - Returns: the index of the first byte that is not used. This is the start of the range while its bytes may
    ///   still be the start of a delimiter.
    @discardableResult
    private func appendValue(_ range: Range<Int>) -> Int {
        guard !range.isEmpty else { return range.lowerBound }
        let skipped = min(notOfValue, range.count)
        notOfValue -= skipped
        part?.value.append(pending[range.dropFirst(skipped)])
        return range.upperBound
    }

    private func closePart() throws(RequestFailure) {
        guard let part else { return }
        // The only reference, so that the value's blocks are freed while they are put together.
        self.part = nil
        fields.append(
            FormField(
                name: part.name, filename: part.filename, contentType: part.contentType, value: part.value.joined()))
    }

    // MARK: Heads

    /// Reads one line of a part's head, if it has arrived.
    ///
    /// - Returns: the index in `pending` of the first byte that is not used.
    private func readHead(from start: Int) throws(RequestFailure) -> Int {
        guard let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) else {
            try checkHeadSize(head.byteCount + pending.count - start)
            return start
        }
        guard end > start, pending[end - 1] == UInt8(ascii: "\r") else { throw Self.bareLineFeed }
        head.byteCount += end + 1 - start
        try checkHeadSize(head.byteCount)
        let line = pending[start..<end - 1]
        if line.isEmpty {
            part = try openPart()
            state = .value
            // The line end that closes the head can belong to the boundary of an empty part.
            notOfValue = 2
            return end - 1
        }
        try readField(line)
        return end + 1
    }

    private func checkHeadSize(_ count: Int) throws(RequestFailure) {
        guard count <= limits.maximumHeadBytes else {
            throw .malformedForm(reason: "the head of a part has more than \(limits.maximumHeadBytes) bytes")
        }
    }

    private func readField(_ line: ArraySlice<UInt8>) throws(RequestFailure) {
        let isContinuation = line.first == UInt8(ascii: " ") || line.first == UInt8(ascii: "\t")
        if isContinuation, !head.fields.isEmpty {
            head.fields[head.fields.count - 1].value += line
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw .malformedForm(reason: "a line in the head of a part has no colon")
        }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased().filter { $0 != " " && $0 != "\t" }
        head.fields.append((name, Array(line[(colon + 1)...])))
    }

    /// The part that the head describes.
    private func openPart() throws(RequestFailure) -> Part {
        guard let text = head["content-disposition"] else {
            throw .malformedForm(reason: "a part has no Content-Disposition")
        }
        guard let disposition = ParameterizedValue(text) else {
            throw .malformedForm(reason: "a part's Content-Disposition has a quotation mark that is not closed")
        }
        guard let nameBytes = disposition["name"], !nameBytes.isEmpty else {
            throw .malformedForm(reason: "a part's Content-Disposition has no name")
        }
        try limits.checkRoom(after: fields)
        let name = try limits.text(nameBytes, "name")
        if let encoding = head["content-transfer-encoding"].flatMap({ ParameterizedValue($0)?.value }),
            !["binary", "8bit", "7bit"].contains(encoding.lowercased())
        {
            throw .malformedForm(
                reason: "the field \(name) has the transfer encoding \(encoding); allowed: binary, 8bit, 7bit")
        }
        let contentType = try head["content-type"].map { type throws(RequestFailure) in
            try limits.text(Array(type.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }), "content type")
        }
        // File names are not checked: clients send them at any length and in any encoding.
        let filename =
            disposition["filename*"].flatMap(Self.extendedText)
            ?? disposition["filename"].map { String(decoding: $0, as: UTF8.self) }
        return Part(name: name, filename: filename, contentType: contentType)
    }

    /// Reads text such as `UTF-8''K%C3%A4tzchen.jpg` (RFC 8187).
    private static func extendedText(_ value: [UInt8]) -> String? {
        let parts = value.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = PercentEncoding.bytes(of: parts[2]) else { return nil }
        return switch String(decoding: parts[0], as: UTF8.self).lowercased() {
        case "utf-8": String(decoding: bytes, as: UTF8.self)
        case "iso-8859-1": String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default: nil
        }
    }

    private static let noBoundary = RequestFailure.malformedForm(
        reason: "the body does not contain the boundary that Content-Type gives")
    private static let bareLineFeed = RequestFailure.malformedForm(
        reason: "a line of the form ends with a line feed alone; it must end with a carriage return and a line feed")
}
