import DeepDream
import FoundationEssentials
import HTTPServer

/// A file that a request brings.
struct UploadedFile: Sendable {
    let bytes: [UInt8]
    /// The name that the client gave it.
    let name: String?
}

/// What a request says, in its query and in its body: a form, JSON, or a picture alone.
struct RequestFields {
    /// The files by the names of their fields.
    private(set) var files: [String: UploadedFile] = [:]
    /// All other fields with a value. Blank ones are left out: that is how browsers send what nobody filled in.
    private(set) var texts: [(name: String, value: String)] = []

    private let vocabulary: RequestVocabulary
    private let upload: UploadMemory.Reservation?

    /// How many copies of JSON or base64 are in memory, at most, while it is decoded.
    private static let decodingCopies = 6

    /// Sets memory aside for decoding JSON or base64, as long as what this returns is kept.
    private func room(forDecoding bytes: Int) throws(Problem) -> MemoryBudget.Share? {
        try upload?.more(Self.decodingCopies * bytes)
    }

    /// Fields that web frameworks add to every form. Any other unknown name is an error, so that nobody wonders why a
    /// misspelt field has no effect.
    private static let hiddenNames: Set = ["csrf_token", "csrfmiddlewaretoken", "authenticity_token"]

    /// - Throws: a `Problem` for the first field that is wrong.
    init(_ request: Request, _ vocabulary: RequestVocabulary) throws(Problem) {
        self.vocabulary = vocabulary
        upload = (request.reservation as? RequestReservation)?.upload
        for (name, value) in request.head.query {
            guard !vocabulary.files.contains(name) else { throw .fileInQuery(field: name) }
            add(name, value)
        }
        switch request.body {
        case .none: break
        case .form(let fields): try read(fields)
        case .file(let bytes):
            switch BodyType(request.head) {
            case .picture: files["image"] = UploadedFile(bytes: bytes, name: nil)
            case .json:
                let room = try room(forDecoding: bytes.count)
                defer { withExtendedLifetime(room) {} }
                try read(JSONRequest(bytes, vocabulary))
            case nil: throw Problem(RequestFailure.unsupportedMediaType(request.head.headers["Content-Type"]))
            }
        }
    }

    private mutating func add(_ name: String, _ value: String) {
        if !value.allSatisfy(\.isWhitespace) { texts.append((name, value)) }
    }

    // MARK: Forms

    private mutating func read(_ fields: [FormField]) throws(Problem) {
        var otherFile: String?
        for field in fields where !field.name.hasPrefix("_") && !Self.hiddenNames.contains(field.name) {
            let isMixedFile = vocabulary.mixed.contains(field.name) && (field.filename ?? "") != ""
            if vocabulary.files.contains(field.name) || isMixedFile {
                try readFile(field)
            } else if field.filename != nil, field.value.isEmpty {
                // A file input in which nothing was chosen.
            } else if vocabulary.fields.contains(field.name) {
                guard let value = String(validating: field.value, as: UTF8.self) else {
                    throw .notText(field: field.name)
                }
                add(field.name, value)
            } else if field.filename != nil {
                otherFile = otherFile ?? field.name
            } else {
                throw unknownField(field.name)
            }
        }
        guard let otherFile else { return }
        guard files["image"] == nil, texts.allSatisfy({ $0 != ("from", "noise") }) else {
            throw unknownField(otherFile)
        }
        throw .misnamedFile(field: otherFile, allowed: vocabulary.files)
    }

    private func unknownField(_ name: String) -> Problem {
        Problem(RecipeError.unknownField(name: name, allowed: vocabulary.fields), files: vocabulary.files)
    }

    private mutating func readFile(_ field: FormField) throws(Problem) {
        // A browser sends an empty file without a name if no file was chosen.
        if field.value.isEmpty, field.filename ?? "" == "" { return }
        var bytes = field.value
        if field.filename == nil {
            if bytes.starts(with: "data:".utf8) {
                let room = try room(forDecoding: bytes.count)
                defer { withExtendedLifetime(room) {} }
                bytes = try Self.decoded(String(decoding: bytes, as: UTF8.self), field: field.name)
            } else if let text = Self.shortText(bytes) {
                throw .textInsteadOfFile(field: field.name, text: text)
            }
        }
        guard files.updateValue(UploadedFile(bytes: bytes, name: field.filename), forKey: field.name) == nil else {
            throw .repeatedFile(field: field.name)
        }
    }

    /// The value if it is a line of text, which no picture is.
    private static func shortText(_ bytes: [UInt8]) -> String? {
        guard bytes.count <= 4096, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } ? text : nil
    }

    // MARK: JSON

    private mutating func read(_ request: JSONRequest) throws(Problem) {
        for (name, text) in request.files.sorted(by: { $0.key < $1.key }) {
            files[name] = UploadedFile(bytes: try Self.decoded(text, field: name), name: nil)
        }
        for (name, value) in request.fields.sorted(by: { $0.key < $1.key }) {
            if let text = value.text { add(name, text) }
        }
    }

    /// The bytes of base64 or of a data URL with base64 (RFC 2397). White space does not matter.
    private static func decoded(_ text: String, field: String) throws(Problem) -> [UInt8] {
        var base64 = text[...]
        if text.hasPrefix("data:") {
            guard let comma = text.firstIndex(of: ","), text[..<comma].hasSuffix(";base64") else {
                throw .notBase64(field: field, text: text)
            }
            base64 = text[text.index(after: comma)...]
        }
        guard let data = Data(base64Encoded: String(base64.filter { !$0.isWhitespace })), !data.isEmpty else {
            throw .notBase64(field: field, text: text)
        }
        return [UInt8](data)
    }
}
