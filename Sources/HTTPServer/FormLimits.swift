/// How much of a form is accepted, beyond the limit for the whole body.
struct FormLimits {
    let maximumFields: Int
    /// For the name and the content type of a field, in bytes of UTF-8.
    let maximumNameBytes: Int
    /// For the head of one part of a multipart form, in bytes.
    let maximumHeadBytes = 16 * 1024

    /// Checks that another field may follow these.
    func checkRoom(after fields: [FormField]) throws(RequestFailure) {
        guard fields.count < maximumFields else {
            throw .malformedForm(reason: "the form has more than \(maximumFields) fields")
        }
    }

    /// The text of a name or a content type.
    func text(_ bytes: [UInt8], _ what: String) throws(RequestFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformedForm(reason: "the \(what) of a field is not UTF-8 text")
        }
        guard bytes.count <= maximumNameBytes else {
            throw .malformedForm(reason: "the \(what) of a field is longer than \(maximumNameBytes) bytes")
        }
        return text
    }
}
