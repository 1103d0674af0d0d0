import CMicroHTTPD

/// Parses a form body piece by piece as it arrives, with libmicrohttpd's post processor.
///
/// The post processor reports pieces of values. A piece with offset 0 begins a new field. But the processor also
/// reports an empty piece at offset 0 when it has only the head of a field, so two such pieces in a row can belong to
/// one field. For this reason an empty field is merged with the next one if both have the same name, file name and
/// type.
final class FormParser {
    /// The size of the post processor's buffer in bytes. Each line of a part's head must fit into it.
    private static let bufferSize = 16 * 1024

    private let type: FormType
    private let maximumFields: Int
    private let maximumNameBytes: Int
    /// The post processor; nil after `finish`.
    private var form: UnsafeMutablePointer<dd_mhd_form>?
    private var fields: [FormField] = []
    private var current: Part?
    private var failure: RequestFailure?

    private struct Part {
        let name: String
        let filename: String?
        let contentType: String?
        var value: [UInt8] = []
    }

    /// Creates a parser for the form that `connection` will receive.
    init(
        connection: OpaquePointer, type: FormType, maximumFields: Int, maximumNameBytes: Int
    ) throws(RequestFailure) {
        self.type = type
        self.maximumFields = maximumFields
        self.maximumNameBytes = maximumNameBytes
        let context = Unmanaged.passUnretained(self).toOpaque()
        form = dd_mhd_form_create(connection, Self.bufferSize, Self.visit, context)
        guard form != nil else { throw .malformedForm(reason: "the Content-Type or its boundary cannot be read") }
    }

    deinit {
        if let form { _ = dd_mhd_form_destroy(form) }
    }

    func parse(_ bytes: UnsafeRawBufferPointer) throws(RequestFailure) {
        guard let form, let start = bytes.baseAddress else { return }
        let isParsed = dd_mhd_form_parse(form, start, bytes.count)
        if let failure { throw failure }
        guard isParsed else {
            throw .malformedForm(reason: "the body is not a form of the type that Content-Type says")
        }
    }

    /// Ends the form. Call it after the whole body has been parsed.
    ///
    /// - Returns: the fields, in order.
    func finish() throws(RequestFailure) -> [FormField] {
        guard let form else { return fields }
        if type == .urlEncoded {
            // The post processor takes a last name without `=` for incomplete; a line feed completes it.
            var end = UInt8(ascii: "\n")
            try withUnsafeBytes(of: &end) { bytes throws(RequestFailure) in try parse(bytes) }
        }
        self.form = nil
        let isComplete = dd_mhd_form_destroy(form)
        if let failure { throw failure }
        guard isComplete else { throw .malformedForm(reason: "the form ends too early") }
        closePart()
        if type == .multipart && fields.isEmpty {
            throw .malformedForm(reason: "the body does not contain the boundary that Content-Type gives")
        }
        return fields
    }

    private func closePart() {
        guard let part = current else { return }
        fields.append(
            FormField(name: part.name, filename: part.filename, contentType: part.contentType, value: part.value))
        current = nil
    }

    private static let visit: dd_mhd_form_visitor = {
        context, name, filename, contentType, transferEncoding, data, offset, size in
        guard let context else { return false }
        let parser = Unmanaged<FormParser>.fromOpaque(context).takeUnretainedValue()
        do throws(RequestFailure) {
            if offset == 0 {
                try parser.open(
                    name: name, filename: filename, contentType: contentType, transferEncoding: transferEncoding)
            }
            try parser.append(UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : size), at: offset)
            return true
        } catch {
            parser.failure = error
            return false
        }
    }

    private func open(
        name: UnsafePointer<CChar>?, filename: UnsafePointer<CChar>?, contentType: UnsafePointer<CChar>?,
        transferEncoding: UnsafePointer<CChar>?
    ) throws(RequestFailure) {
        guard let nameText = try text(name, "name") else {
            throw .malformedForm(reason: "a part has no name in quotation marks")
        }
        // File names are not checked: clients send them at any length and in any encoding.
        let part = Part(
            name: nameText, filename: filename.map { String(cString: $0) },
            contentType: try text(contentType, "content type"))
        if let encoding = try text(transferEncoding, "transfer encoding"),
            !["binary", "8bit", "7bit"].contains(encoding.lowercased())
        {
            throw .malformedForm(
                reason: "the field \(part.name) has the transfer encoding \(encoding); allowed: binary, 8bit, 7bit")
        }
        if let current, current.value.isEmpty, current.name == part.name, current.filename == part.filename,
            current.contentType == part.contentType
        {
            return
        }
        closePart()
        guard fields.count < maximumFields else {
            throw .malformedForm(reason: "the form has more than \(maximumFields) fields")
        }
        current = part
    }

    private func append(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(RequestFailure) {
        guard let count = current?.value.count, UInt64(count) == offset else {
            throw .malformedForm(reason: "a part has no head")
        }
        current?.value.append(contentsOf: bytes)
    }

    private func text(_ start: UnsafePointer<CChar>?, _ what: String) throws(RequestFailure) -> String? {
        guard let start else { return nil }
        guard let text = String(validatingCString: start) else {
            throw .malformedForm(reason: "the \(what) of a part is not UTF-8 text")
        }
        guard text.utf8.count <= maximumNameBytes else {
            throw .malformedForm(reason: "the \(what) of a part is longer than \(maximumNameBytes) bytes")
        }
        return text
    }
}
